"""A stored object as a readable stream, decrypted on the way; no plaintext touches a disk."""

from __future__ import annotations

import io
from collections.abc import Iterator

from evidence import store
from evidence.items import StoredObject


class StoredFile(io.RawIOBase):
    """Reads a sealed object from its beginning, forwards only."""

    def __init__(self, stored: StoredObject) -> None:
        self._pieces: Iterator[bytes] = store.read(stored)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io's own stubs are looser
        if not self._rest:
            self._rest = next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
