"""Ingest: take bytes from a sender, hash, encrypt and store them, in one pass and flat memory.

An extent is finished and made durable every 64 MiB and at the end of a request; only then is the caller told,
who moves the offset in the database. What the database does not know of is cut off and sent again. HTTP,
offsets and who may send are not known here.
"""

from collections.abc import Callable

from .errors import SourceError, TooLongError
from .hashing import Digests
from .staging import Staging
from .tink import ExtentWriter

READ = 1 << 20
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
    limit is 0.

    Raises SourceError when the source fails, TooLongError when it has more than `limit`, OSError when the
    disk fails. What was reported to on_checkpoint stays in all cases; after a SourceError so does all that
    came.
    """
    if digests.length != staging.plain_length:
        raise ValueError("the digests have not seen what staging holds")
    run = _Run(read, staging, key, digests, on_checkpoint)
    while run.taken < limit:
        data = run.read(min(READ, limit - run.taken, checkpoint_bytes - run.in_extent))
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
    run.checkpoint()
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
    ) -> None:
        self._read = read
        self._staging = staging
        self._key = key
        self._digests = digests
        self._on_checkpoint = on_checkpoint
        self._writer: ExtentWriter | None = None
        self.taken = 0

    @property
    def in_extent(self) -> int:
        return 0 if self._writer is None else self._writer.plain_length

    def read(self, size: int) -> bytes:
        """Ask the source; if it fails, keep what came before."""
        try:
            data = self._read(size)
        except OSError as error:
            self.checkpoint()
            raise SourceError(self.taken) from error
        if len(data) > size:
            raise ValueError("the source gave more than it was asked for")
        return data

    def take(self, data: bytes) -> None:
        if self._writer is None:
            self._writer = self._staging.append_extent(self._key)
        self._digests.update(data)
        self._writer.write(data)
        self.taken += len(data)

    def checkpoint(self) -> None:
        """Make the open extent durable, then say so; a crash in between costs its bytes, which come again."""
        if self._writer is None:
            return
        extents = self._staging.keep_extent()
        self._writer = None
        self._on_checkpoint(self._staging.plain_length, extents)
