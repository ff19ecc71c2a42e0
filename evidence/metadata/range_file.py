"""The child's side of a file too large for memory: a seekable file whose bytes the parent sends on request.

Runs inside the sandbox on a socket that was open before the doors closed; it opens nothing. The parent's side,
which judges the requests, is in sandbox.py.
"""

import io
import os
import struct

RANGE = struct.Struct(">QI")


class RangeFile(io.RawIOBase):
    """Reads ranges of the evidence through the handle of a connected socket."""

    LARGEST = 1024 * 1024

    def __init__(self, handle: int, size: int) -> None:
        self._handle = handle
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a file has no place before its beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io's own stubs are looser
        """Ask for as much as fits and wait for all of it; raises EOFError when the parent is gone."""
        count = max(min(len(buffer), self.LARGEST, self._size - self._place), 0)
        if count == 0:
            return 0
        os.write(self._handle, RANGE.pack(self._place, count))
        filled = 0
        while filled < count:
            data = os.read(self._handle, count - filled)
            if not data:
                raise EOFError("the parent sends no more")
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        self._place += count
        return count
