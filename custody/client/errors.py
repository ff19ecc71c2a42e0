"""What can go wrong in the client, as sentences for the person at the keyboard.

Every error here ends one act or one file, never the whole run: take_in.py goes on with the next file.
"""

from __future__ import annotations

from collections.abc import Mapping


class ClientError(Exception):
    """Something the person has to know; its text is one or two plain sentences."""


class ProfileError(ClientError):
    """The client's own folder is not as it must be (rights, damaged file, key missing)."""


class NotLoggedOnError(ClientError):
    """There is no valid token for the server."""


class SheetError(ClientError):
    """The exhibit sheet cannot be used, or has nothing for a file."""


class SourceError(ClientError):
    """A file or folder cannot be read, is gone, or changed while it was read."""


class SourceChangedError(SourceError):
    """The file is not the one that was found: what was sent of it is of no use."""


class ServerUnreachableError(ClientError):
    """No answer came. Whether the request was carried out is not known."""


class ServerRefusedError(ClientError):
    """The server answered with a problem (RFC 9457)."""

    def __init__(self, status: int, code: str, detail: str, errors: Mapping[str, object]) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, dict(errors)
        said = {field: _sentence(value) for field, value in self.errors.items()}
        fields = "; ".join(f"{field}: {text}" for field, text in said.items() if text not in detail)
        super().__init__(
            " ".join(part for part in (detail, fields) if part) or f"The server answered {status}."
        )


class StaleDraftError(ServerRefusedError):
    """The ledger moved on since the draft was made: prepare it again."""


class NotReadyError(ServerRefusedError):
    """A check or a publication is still under way: the same request succeeds later."""


class UploadGoneError(ClientError):
    """The server does not know the upload any more: it begins anew."""


class DraftMismatchError(ClientError):
    """The bytes that the server wants signed do not say what was asked: nothing was signed."""


class DigestMismatchError(ClientError):
    """The server received other bytes than were read here: nothing was signed."""


def _sentence(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(str(part) for part in value)
    return str(value)
