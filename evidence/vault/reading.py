"""A file that is read from one end to the other at the speed of its disk, not of its latency.

What is written past the page cache is read from the disk, and there a system's own guess of what comes next is far
behind what hashing and decrypting take. A reader of a few bytes costs nothing more.
"""

import os
from io import FileIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

AHEAD = 8 << 20
# Who has read so much without a jump is taken to go on.
SEQUENTIAL = 2 << 20


class ReadAhead(FileIO):
    """A raw file that asks the system for the next bytes while somebody reads on and on."""

    _expected = 0
    _run = 0
    _asked = 0

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        """Read as FileIO does."""
        start = self.tell()
        if start != self._expected:
            self._run = self._asked = 0
        if self._run >= SEQUENTIAL and hasattr(os, "posix_fadvise"):
            begin, end = max(start, self._asked), start + AHEAD
            os.posix_fadvise(self.fileno(), begin, end - begin, os.POSIX_FADV_WILLNEED)
            self._asked = end
        count = super().readinto(buffer)
        self._expected = start + (count or 0)
        self._run += count or 0
        return count
