"""A stored object as a readable stream, decrypted on the way; no plaintext touches a disk."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

from evidence import store
from evidence.items import StoredObject


class StoredFile(io.RawIOBase):
    """Reads a sealed object; going on where the last reading ended costs nothing, a jump opens it anew."""

    def __init__(self, stored: StoredObject) -> None:
        self._stored = stored
        self._size = stored.size
        self._place = 0
        self._pieces: Iterator[bytes] = store.read(stored)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        place = min(max(start + offset, 0), self._size)
        if place != self._place:
            self._pieces, self._rest = store.read(self._stored, place), b""
            self._place = place
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io's own stubs are looser
        if not self._rest:
            self._rest = next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._place += count
        return count
