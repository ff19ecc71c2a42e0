"""Log on and open a session from a profile: the server's address, the person's token, the unlocked key."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from . import keys
from .drafts import Session
from .errors import ClientError, NotLoggedOnError
from .profile import Profile
from .server import Server

_SETTINGS = "settings.json"
_LOG_ON = "token.json"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def log_on(profile: Profile, address: str, username: str, password: str) -> str:
    """Get a token and keep it in the profile; give the time until which it is valid."""
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ClientError(
            "Over http:// the password could be read on the way; use the server's https:// address."
        )
    with Server(address, tls=_tls(profile)) as server:
        answer = server.post("auth/token/", {"username": username, "password": password})
        profile.change(_SETTINGS, server=server.address, username=username)
    profile.write(_LOG_ON, {"token": str(answer["token"]), "expires": str(answer["expires"])})
    return str(answer["expires"])


def trust(profile: Profile, authorities: Path) -> None:
    """Trust this file of certificate authorities for the server, instead of the well-known ones."""
    profile.change(_SETTINGS, ca_file=str(authorities.absolute()))


def connect(profile: Profile) -> Server:
    """Open the connection with the profile's token. Raises NotLoggedOnError."""
    settings, token = profile.read(_SETTINGS), profile.read(_LOG_ON)
    if not settings.get("server") or not token.get("token"):
        raise NotLoggedOnError("Nobody is logged on in this profile; use `login`.")
    if datetime.fromisoformat(str(token["expires"])) <= datetime.now(UTC):
        raise NotLoggedOnError("The log-on has expired; use `login`.")
    return Server(str(settings["server"]), str(token["token"]), _tls(profile))


def open_session(profile: Profile, passphrase: str) -> Session:
    """Open a session that signs with the profile's wrapped key."""
    return Session(connect(profile), profile, keys.unlock(profile, passphrase))


@contextmanager
def signing_session(profile: Profile, secret: str) -> Iterator[Session]:
    """Open a session that signs with the profile's key, wherever it is, until the block ends."""
    with connect(profile) as server, keys.opened(profile, secret) as key:
        yield Session(server, profile, key)


def _tls(profile: Profile) -> ssl.SSLContext | None:
    authorities = profile.read(_SETTINGS).get("ca_file")
    if not authorities:
        return None
    try:
        return ssl.create_default_context(cafile=str(authorities))
    except (OSError, ssl.SSLError) as error:
        raise ClientError(f"The certificate authorities in {authorities} cannot be used: {error}.") from error
