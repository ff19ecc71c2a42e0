"""A staging file: an object while its bytes still arrive, encrypted from the first of them.

It grows by extents. What follows the last extent that was made durable is cut off, never continued: the salt
of an interrupted extent is dropped with it, so no nonce meets other bytes. The list of durable extents is the
caller's (it lives in the database); the file is cut back to it when an extent is begun.

One process at a time holds the file. A list read before that hold may be out of date, and going on with it
would cut off bytes that were promised to be durable: compare it with the database again after opening, which
itself changes nothing.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from .appending import Appender
from .durable import OPEN_ALWAYS, sync_folder
from .errors import StagingBusyError, StagingLimitError, StagingLostError, StagingUnsettledError
from .objects import MAX_EXTENTS, read_object, stored_object_length
from .reading import ReadAhead
from .tink import ExtentWriter, aad, stored_length


class Staging:
    """An open, locked staging file; use it as a context manager."""

    def __init__(self, path: Path, object_id: UUID, extents: Sequence[int]) -> None:
        """Open the file, new where no extent is durable yet.

        Raises StagingBusyError when another process has it, StagingLostError when durable bytes are gone.
        """
        self.path = path
        self.object_id = object_id
        self.extents = tuple(extents)
        self._durable = stored_object_length(self.extents)
        self._writer: ExtentWriter | None = None
        create = 0 if self.extents else os.O_CREAT
        try:
            # Appending only: no slip of a position can overwrite what is durable.
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | create | OPEN_ALWAYS, 0o600)
        except FileNotFoundError:
            raise StagingLostError(object_id, expected=self._durable, found=0) from None
        self._file = ReadAhead(descriptor, "a+")
        self._appender = Appender(path, descriptor)
        try:
            self._lock()
            self._stored_length()
            sync_folder(path.parent)  # before any checkpoint can promise bytes under this name
        except BaseException:
            self._file.close()
            raise

    @property
    def plain_length(self) -> int:
        """Tell how many plain bytes are durable."""
        return sum(self.extents)

    def append_extent(self, key: bytes) -> ExtentWriter:
        """Begin the next extent, with a fresh salt, where the last durable one ends."""
        if len(self.extents) >= MAX_EXTENTS:
            raise StagingLimitError(self.object_id, MAX_EXTENTS)
        self.cut_back()
        self._appender.begin()
        self._writer = ExtentWriter(self._appender, key, aad(self.object_id, len(self.extents)))
        return self._writer

    def writing_behind(self) -> AbstractContextManager[None]:
        """Write in a thread of its own while the next bytes are encrypted; a failure may be raised later."""
        return self._appender.behind()

    def keep_extent(self) -> tuple[int, ...]:
        """Finish the extent, make it durable and return the list of all extents.

        After an error the extent is lost: a sync is not tried again on bytes the kernel may have dropped.
        """
        if self._writer is None:
            raise ValueError("no extent was begun")
        length = self._writer.finish()
        self._appender.flush()
        self.sync()
        self._writer = None
        self.extents += (length,)
        self._durable += stored_length(length)
        return self.extents

    def cut_back(self) -> None:
        """Cut off what follows the last durable extent."""
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
        if self._stored_length() > self._durable:
            os.ftruncate(self._file.fileno(), self._durable)

    def check_settled(self) -> None:
        """Raise StagingUnsettledError where the file holds more than the durable extents."""
        found = self._stored_length()
        if found > self._durable:
            raise StagingUnsettledError(self.object_id, expected=self._durable, found=found)

    def sync(self) -> None:
        """Make what was written durable."""
        os.fsync(self._file.fileno())

    def read(self, key: bytes) -> Iterator[bytes]:
        """Yield the plain bytes of the durable extents. Raises ObjectDamagedError."""
        return read_object(self._file, self.object_id, self.extents, key, 0, self.plain_length)

    def close(self) -> None:
        """Close the file and give up its lock; an unfinished extent is cut off by whoever goes on."""
        self._appender.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stored_length(self) -> int:
        found = os.fstat(self._file.fileno()).st_size
        if found < self._durable:
            raise StagingLostError(self.object_id, expected=self._durable, found=found)
        return found

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StagingBusyError(self.object_id) from None
        # Between our open and our lock the other process may have sealed or discarded the file.
        mine = os.fstat(self._file.fileno())
        if mine.st_nlink != 1 or not self.path.exists() or not os.path.samestat(mine, self.path.stat()):
            raise StagingBusyError(self.object_id)
