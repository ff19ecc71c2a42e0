"""Send one file by tus 1.0: ask how far the server is, send from there, hash what is read, try again.

The server's offset is the truth; the local state only says where to ask. It makes no upload and signs
nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import httpx

from .errors import ClientError, ServerUnreachableError, SourceChangedError, SourceError, UploadGoneError
from .server import refusal

_VERSION = {"Tus-Resumable": "1.0.0"}
_BLOCK = 256 * 1024
# Waits between tries that brought nothing; together half a minute, then the person decides.
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)
_GONE = {httpx.codes.NOT_FOUND, httpx.codes.GONE}
# The server is busy or another request still holds the upload: the same request may succeed later.
_LATER = {
    httpx.codes.CONFLICT,
    httpx.codes.LOCKED,
    httpx.codes.TOO_MANY_REQUESTS,
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.INTERNAL_SERVER_ERROR,
    httpx.codes.BAD_GATEWAY,
    httpx.codes.SERVICE_UNAVAILABLE,
    httpx.codes.GATEWAY_TIMEOUT,
}


class HashedSource:
    """An open file whose bytes are hashed once, in order, however often parts of it are sent."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size
        self._hash, self._hashed = hashlib.sha256(), 0

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Give the bytes from start to stop in blocks. Raises SourceError when the file ends before."""
        self._catch_up(start)
        at = start
        while at < stop:
            block = self._block(at, min(_BLOCK, stop - at))
            if at + len(block) > self._hashed:
                self._hash.update(block[max(0, self._hashed - at) :])
                self._hashed = at + len(block)
            at += len(block)
            yield block

    def _catch_up(self, start: int) -> None:
        """Hash what an earlier run has sent: the digest must be of the whole file as it is now."""
        while self._hashed < start:
            block = self._block(self._hashed, min(_BLOCK, start - self._hashed))
            self._hash.update(block)
            self._hashed += len(block)

    def _block(self, at: int, length: int) -> bytes:
        try:
            self._file.seek(at)
            block = self._file.read(length)
        except OSError as error:
            raise SourceError(f"Reading stopped at byte {at}: {error.strerror}.") from error
        if not block:
            raise SourceChangedError(
                f"The file ends at byte {at}, but had {self.size} bytes when it was found."
            )
        return block

    def sha256(self) -> str:
        """Give the digest of the whole file, in hex."""
        self._catch_up(self.size)
        return self._hash.hexdigest()


class Sender:
    """Sends files to upload addresses; the waits between tries can be replaced."""

    def __init__(self, http: httpx.Client, pause: Callable[[float], None] = time.sleep) -> None:
        self._http, self._pause = http, pause

    def send(
        self, location: str, source: HashedSource, chunk_bytes: int, told: Callable[[int], None]
    ) -> None:
        """Bring the server's offset to the end of the file; `told` hears every offset reached.

        Raises UploadGoneError, SourceError, ServerUnreachableError or ServerRefusedError.
        """
        failures = 0
        offset: int | None = None
        best = -1
        while True:
            try:
                if offset is None:
                    offset = self._offset(location, source.size)
                    told(offset)
                if offset > best:
                    best, failures = offset, 0
                if offset == source.size:
                    return
                offset = self._patch(location, source, offset, chunk_bytes, told)
            except (_TryLaterError, httpx.TransportError) as error:
                offset = None
                if failures == len(_WAITS):
                    raise ServerUnreachableError(
                        f"Sending stopped at byte {max(best, 0)} of {source.size}: {error}. "
                        "Run the same command again to go on from there."
                    ) from error
                self._pause(_WAITS[failures])
                failures += 1

    def _offset(self, location: str, size: int) -> int:
        response = self._http.head(location, headers=_VERSION, timeout=_TIMEOUT)
        _check(response)
        offset = _number(response, "Upload-Offset")
        if "Upload-Length" in response.headers and _number(response, "Upload-Length") != size:
            raise UploadGoneError("The server expects a file of another size under this address.")
        if not 0 <= offset <= size:
            raise ClientError(f"The server says it has {offset} bytes of a file of {size}.")
        return offset

    def _patch(
        self, location: str, source: HashedSource, offset: int, chunk: int, told: Callable[[int], None]
    ) -> int:
        stop = min(source.size, offset + max(1, chunk))

        def body() -> Iterator[bytes]:
            at = offset
            for block in source.read(offset, stop):
                yield block
                at += len(block)
                told(at)

        headers = {
            **_VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(stop - offset),
            "Upload-Offset": str(offset),
        }
        response = self._http.patch(location, headers=headers, content=body(), timeout=_TIMEOUT)
        _check(response)
        reached = _number(response, "Upload-Offset")
        if not offset < reached <= stop:
            raise ClientError(f"The server says it is at byte {reached} after bytes {offset} to {stop}.")
        return reached


class _TryLaterError(Exception):
    """The request may succeed later; never leaves this file."""


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.status_code in _GONE:
        raise UploadGoneError(
            "The server does not take bytes for this upload any more. Run the command again."
        )
    if response.status_code in _LATER:
        raise _TryLaterError(f"the server answered {response.status_code}")
    raise refusal(response)


def _number(response: httpx.Response, header: str) -> int:
    value = response.headers.get(header, "")
    if not value.isascii() or not value.isdigit() or len(value) > 19:
        raise ClientError(f"The server's answer has no usable {header}; is this an upload address?")
    return int(value)
