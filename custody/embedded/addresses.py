"""Reads, checks and chooses the addresses that the two web servers listen on.

It knows nothing of the public addresses behind a proxy; those are settings.
"""

import errno
import socket
from dataclasses import dataclass

from custody.embedded.errors import AddressInUseError, StartError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what others bind to, not we)


@dataclass(frozen=True)
class Address:
    """A host and a port; `str()` is the form gunicorn's --bind takes."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable(self) -> "Address":
        """The address under which a program on this machine reaches the server."""
        return Address(EVERYWHERE.get(self.host, self.host), self.port)


def parse(text: str, *, variable: str) -> Address:
    """Read `host:port` or `[host]:port`."""
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise StartError(f"{variable} must look like 127.0.0.1:8000, not {text!r}")
    return Address(host, int(port))


def require_free(address: Address, *, variable: str) -> None:
    """Raise AddressInUseError if another program listens there."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server will: a port in TIME_WAIT from our own last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUseError(str(address), variable) from error
            raise StartError(f"{variable}={address} cannot be used: {error.strerror}") from error


def choose_free(count: int) -> list[Address]:
    """Return that many addresses on this machine that nobody listens on, all different."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [Address("127.0.0.1", probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
