"""Append to a file in large blocks that go past the page cache, where the file system lets them.

Copying into the cache costs more than encrypting, and its pages are of no use: what is written here is not read
soon. Blocks begin and end at multiples of their alignment in the file; what comes before the first of them and
after the last goes through the cache, into pages that no block touches. Both descriptors append only, so that no
slip of a position can overwrite what is durable. When bytes are durable, and what they mean, is not known here.
"""

import contextlib
import errno
import mmap
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .durable import OPEN_ALWAYS
from .lanes import Lanes

# The strictest alignment that direct writes ask for on the disks of today, and the size of a page.
ALIGNMENT = 4096
BLOCK = 2 << 20
MAX_LENT = 1 << 20
WAITING = 2  # blocks handed on and not yet written
# Linux only; elsewhere every write goes through the cache.
_DIRECT: int = getattr(os, "O_DIRECT", 0)


class _Piece(NamedTuple):
    """Bytes to be appended, of which the first few only fill up the block of the file they begin in."""

    view: memoryview
    unaligned: int


class Appender:
    """Collects what is appended to an open file, and writes it block by block."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Append to what `descriptor` is open on, under the name `path`."""
        self._path = path
        self._descriptor = descriptor
        self._direct: int | None = None
        self._refused = not _DIRECT
        # The one being filled comes first. A place in it is aligned as its place in the file is.
        self._blocks: deque[memoryview] = deque()
        self._behind: Lanes[_Piece] | None = None
        self._start = self._filled = 0
        self._large = False

    def begin(self) -> None:
        """Forget what was collected; what is taken next comes at the file's present end."""
        self._start = self._filled = os.fstat(self._descriptor).st_size % ALIGNMENT
        self._large = False

    def lend(self, size: int) -> memoryview:
        """Return room for the next bytes, at most MAX_LENT; what is put there is appended by `take`."""
        if size > MAX_LENT:
            raise ValueError("this is more than a block has room for")
        if not self._blocks:
            self._blocks.append(_new_block())
        return self._blocks[0][self._filled : self._filled + size]

    def take(self, size: int) -> None:
        """Append so many bytes of the room that was lent. Raises OSError."""
        self._filled += size
        if self._filled < BLOCK:
            return
        self._large = True
        block, whole = self._blocks[0], self._filled // ALIGNMENT * ALIGNMENT
        piece = _Piece(block[self._start : whole], -self._start % ALIGNMENT)
        if self._behind is None:
            self._put(piece)
        else:
            self._behind.give(piece)
            self._blocks.rotate(-1)
        self._start, self._filled = 0, self._filled - whole
        self._blocks[0][: self._filled] = block[whole : whole + self._filled]

    def flush(self) -> None:
        """Write what is collected, so that the file has every byte that was taken. Raises OSError."""
        if self._behind is not None:
            self._behind.settle()
        if self._filled > self._start:
            rest = self._blocks[0][self._start : self._filled]
            # A small file is written at once and synced; going past the cache would save it nothing.
            self._put(_Piece(rest, -self._start % ALIGNMENT if self._large else len(rest)))
        self._start = self._filled

    @contextlib.contextmanager
    def behind(self) -> Iterator[None]:
        """Write full blocks in a thread of its own while the next one is filled.

        A failure there is raised by a later `take` or by `flush`.
        """
        self._blocks.extend(_new_block() for _ in range(WAITING + 1 - len(self._blocks)))
        try:
            with Lanes((self._put,), depth=WAITING) as self._behind:
                yield
        finally:
            self._behind = None

    def close(self) -> None:
        """Give up the descriptor of this own; what is collected is dropped."""
        if self._direct is not None:
            os.close(self._direct)
            self._direct = None
        self._refused = True

    def _put(self, piece: _Piece) -> None:
        _write_all(self._descriptor, piece.view[: piece.unaligned])
        blocks = piece.view[piece.unaligned :]
        whole = len(blocks) // ALIGNMENT * ALIGNMENT
        if whole and (direct := self._open_direct()) is not None:
            try:
                written = os.write(direct, blocks[:whole])
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                # Opened so, but it cannot write so: some network file systems.
                self.close()
            else:
                blocks = blocks[written:]
        _write_all(self._descriptor, blocks)

    def _open_direct(self) -> int | None:
        if self._direct is None and not self._refused:
            with contextlib.suppress(OSError):
                self._direct = os.open(self._path, os.O_WRONLY | os.O_APPEND | _DIRECT | OPEN_ALWAYS)
                if not os.path.samestat(os.fstat(self._direct), os.fstat(self._descriptor)):
                    self.close()
            self._refused = self._direct is None
        return self._direct


def _new_block() -> memoryview:
    # Pages of its own: aligned in memory too, and taken from the system only when they are filled.
    return memoryview(mmap.mmap(-1, BLOCK + MAX_LENT))


def _write_all(descriptor: int, view: memoryview) -> None:
    while view:
        view = view[os.write(descriptor, view) :]
