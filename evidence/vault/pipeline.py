"""Ingest: take bytes from a sender, hash, encrypt and store them, in one pass and flat memory.

An extent is finished and made durable every 64 MiB and at the end of a request; only then is the caller told,
who moves the offset in the database. What the database does not know of is cut off and sent again. HTTP,
offsets and who may send are not known here.

The first bytes are worked on where they are read. Where more come, each slow digest and the writing get a thread of
their own. Reading, encrypting, syncing and telling stay with the caller: bytes just read are near its processor,
and connection and database belong to it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from .errors import SourceError, TooLongError
from .hashing import ALONE, UNDER_WAY, Digests
from .lanes import Lanes
from .staging import Staging
from .tink import FIRST_PLAIN, Buffer, ExtentWriter

CHECKPOINT = 64 << 20  # what a killed server may cost a sender; more often would cost syncs

# Called with the object's plain length and its list of extents, all of them durable.
OnCheckpoint = Callable[[int, tuple[int, ...]], None]


def ingest(
    read: Callable[[int], bytes],
    staging: Staging,
    *,
    key: bytes,
    digests: Digests,
    limit: int,
    on_checkpoint: OnCheckpoint,
    checkpoint_bytes: int = CHECKPOINT,
) -> int:
    """Take at most `limit` bytes, the rest of the object, until the source ends; return how many came.

    The digests must have seen exactly what staging holds (start them with `rehash(staging.read(key))`), and
    are of no use after an error other than SourceError. An object without bytes gets one empty extent when
    limit is 0. `read` and `on_checkpoint` are called in the caller's thread only, and no other thread is left
    when this returns or raises.

    Raises SourceError when the source fails, TooLongError when it has more than `limit`, OSError when the
    disk fails. What was reported to on_checkpoint stays in all cases; after a SourceError so does all that
    came.
    """
    if digests.length != staging.plain_length:
        raise ValueError("the digests have not seen what staging holds")
    with ExitStack() as stack:
        run = _Run(read, staging, key, digests, on_checkpoint, stack)
        while run.taken < limit:
            data = run.read(min(run.wanted, limit - run.taken, checkpoint_bytes - run.in_extent))
            if not data:
                break
            run.take(data)
            if run.in_extent == checkpoint_bytes:
                run.checkpoint()
        else:
            if run.read(1):
                raise TooLongError(limit)
        if limit == 0 and not staging.extents:
            run.take(b"")
        run.finish()
        return run.taken


class _Run:
    """One request's bytes on their way into extents."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        staging: Staging,
        key: bytes,
        digests: Digests,
        on_checkpoint: OnCheckpoint,
        stack: ExitStack,
    ) -> None:
        self._read = read
        self._staging = staging
        self._key = key
        self._digests = digests
        self._on_checkpoint = on_checkpoint
        self._stack = stack
        self._writer: ExtentWriter | None = None
        self._lanes: Lanes[Buffer] | None = None
        self._gathered = bytearray()
        self.in_extent = 0
        self.taken = 0

    def read(self, size: int) -> bytes:
        """Ask the source; if it fails, keep what came before."""
        try:
            data = self._read(size)
        except OSError as error:
            self.finish()
            raise SourceError(self.taken) from error
        if len(data) > size:
            raise ValueError("the source gave more than it was asked for")
        return data

    @property
    def wanted(self) -> int:
        """Tell how many bytes make the segment under way a whole one."""
        return (self._writer.room if self._writer else FIRST_PLAIN) - len(self._gathered)

    def take(self, data: bytes) -> None:
        if self._writer is None:
            self._writer = self._staging.append_extent(self._key)
        whole = len(data) == self.wanted
        self.taken += len(data)
        self.in_extent += len(data)
        if whole and not self._gathered:
            self._pass_on(data)
        else:
            self._gathered += data
            if whole:
                self._pass_on_gathered()

    def checkpoint(self) -> None:
        """Make the open extent durable, then say so; a crash in between costs its bytes, which come again."""
        if self._writer is None:
            return
        self._pass_on_gathered()
        extents = self._staging.keep_extent()
        self._writer, self.in_extent = None, 0
        self._on_checkpoint(self._staging.plain_length, extents)

    def finish(self) -> None:
        """Keep all that came, digests included."""
        self.checkpoint()
        if self._lanes is not None:
            self._lanes.settle()

    def _pass_on_gathered(self) -> None:
        if self._gathered:
            data, self._gathered = self._gathered, bytearray()
            self._pass_on(data)

    def _pass_on(self, data: Buffer) -> None:
        assert self._writer is not None
        if self._lanes is None and self.taken > ALONE:
            self._stack.enter_context(self._staging.writing_behind())
            self._lanes = self._stack.enter_context(Lanes(self._digests.apart(), depth=UNDER_WAY))
        if self._lanes is None:
            self._digests.update(data)
        else:
            self._lanes.give(data)
            self._digests.update_here(data)
        self._writer.write(data)
