"""Append to a file in whole blocks that go past the page cache, where the file system lets them.

Copying into the cache costs more than encrypting, and its pages are of no use: what is written here is not read
soon. Blocks end at multiples of their alignment in the file; what comes before the first of them and after the
last goes through the cache, into pages that no block touches. Both descriptors append only, so that no slip of a
position can overwrite what is durable. When bytes are durable, and what they mean, is not known here.
"""

import contextlib
import errno
import mmap
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from .durable import OPEN_ALWAYS
from .lanes import Lanes

# The strictest alignment that direct writes ask for on the disks of today, and the size of a page.
ALIGNMENT = 4096
BLOCK = 2 << 20
WAITING = 2  # blocks handed on and not yet written
# Linux only; elsewhere every write goes through the cache.
_DIRECT: int = getattr(os, "O_DIRECT", 0)


class Appender:
    """Collects what is appended to an open file, and writes it block by block."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Append to what `descriptor` is open on, under the name `path`."""
        self._path = path
        self._descriptor = descriptor
        self._direct: int | None = None
        self._refused = not _DIRECT
        self._blocks: deque[memoryview] = deque()
        self._behind: Lanes[memoryview] | None = None
        self._filled = 0
        self._capacity = 0

    def begin(self) -> None:
        """Forget what was collected; what is written next comes at the file's present end."""
        self._filled = 0
        over = os.fstat(self._descriptor).st_size % ALIGNMENT
        self._capacity = ALIGNMENT - over if over else BLOCK

    def write(self, data: memoryview) -> int:
        """Take all of the bytes. Raises OSError."""
        taken = 0
        while taken < len(data):
            if not self._blocks:
                self._blocks.append(_new_block())
            count = min(self._capacity - self._filled, len(data) - taken)
            self._blocks[0][self._filled : self._filled + count] = data[taken : taken + count]
            self._filled += count
            taken += count
            if self._filled == self._capacity:
                self._hand_on(self._blocks[0][: self._filled])
                self._filled, self._capacity = 0, BLOCK
        return taken

    def flush(self) -> None:
        """Write what is collected, so that the file has every byte that was taken. Raises OSError."""
        if self._behind is not None:
            self._behind.settle()
        if self._filled:
            self._put(self._blocks[0][: self._filled])
        self._filled = 0

    @contextlib.contextmanager
    def behind(self) -> Iterator[None]:
        """Write full blocks in a thread of its own while the next one is collected.

        A failure there is raised by a later `write` or by `flush`.
        """
        self._blocks.extend(_new_block() for _ in range(WAITING + 2 - len(self._blocks)))
        try:
            with Lanes((self._put,), depth=WAITING) as self._behind:
                yield
        finally:
            self._behind = None

    def close(self) -> None:
        """Drop what is collected."""
        if self._direct is not None:
            os.close(self._direct)
            self._direct = None
        self._refused, self._filled = True, 0

    def _hand_on(self, view: memoryview) -> None:
        if self._behind is None:
            self._put(view)
        else:
            self._behind.give(view)
            self._blocks.rotate(-1)

    def _put(self, view: memoryview) -> None:
        if len(view) == BLOCK and (direct := self._open_direct()) is not None:
            try:
                while view and len(view) % ALIGNMENT == 0:
                    view = view[os.write(direct, view) :]
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                # Opened so, but it cannot write so: some network file systems.
                self.close()
        while view:
            view = view[os.write(self._descriptor, view) :]

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
    return memoryview(mmap.mmap(-1, BLOCK))
