"""Keep a mirror's copy of the log, its newest cosigned head, and what it has found, so that a crash loses nothing.

    log/            the log as it is published (tlog-tiles), to be read by other mirrors or copied to a stick
    log/checkpoint  the newest head this mirror has recomputed, with its own cosignatures: its memory
    kept/           pairs of signed heads that contradict each other
    lock            held while the mirror runs

Files are written beside and renamed, the head last: what is on disk beyond the head is written again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import digests
from ..tiles import CHECKPOINT, TILE_WIDTH, Tile, tiles_between, write_entries
from .errors import SourceError, StateError
from .replay import Replay
from .source import FolderSource, entries, tiles_of


class Archive:
    """The folder of one mirror of one log."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.source = FolderSource(self.log)
        self._kept = folder / "kept"
        self._lock = folder / "lock"
        try:
            self.log.mkdir(parents=True, exist_ok=True)
            self._kept.mkdir(exist_ok=True)
        except OSError as error:
            raise StateError(f"{folder} cannot be used: {error.strerror}.") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other mirrors away from the folder. Raises StateError if one runs."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StateError(f"Another mirror uses {self._lock.parent}.") from error
        else:
            yield
        finally:
            os.close(handle)

    def newest(self) -> str | None:
        """Return the newest head that was cosigned; None before the first."""
        if not (self.log / CHECKPOINT).exists():
            return None
        try:
            return (self.log / CHECKPOINT).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{self.log / CHECKPOINT} cannot be read.") from error

    def write(self, replay: Replay, before: int, fresh: list[bytes | None]) -> None:
        """Write the tiles that `fresh` entries after the first `before` make; none that is in use is touched."""
        for tile in tiles_between(before, replay.size):
            write_file(self.log / tile.path, self._tile(tile, replay, before, fresh))

    def accept(self, note: str) -> None:
        """Remember the newest head; everything it covers is on disk."""
        write_file(self.log / CHECKPOINT, note.encode("utf-8"))

    def tidy(self, replay: Replay) -> None:
        """Remove what the newest head has outgrown, and the bytes of entries that an order erases."""
        current = {tile.path for tile in tiles_between(0, replay.size) if tile.width != TILE_WIDTH}
        for path in self.log.rglob("*.p/*"):
            if path.relative_to(self.log).as_posix() not in current:
                path.unlink()
        for number in sorted({index // TILE_WIDTH for index in replay.erased}):
            (tile,) = tiles_of(None, number * TILE_WIDTH, min(replay.size, (number + 1) * TILE_WIDTH))
            found = self.stored_entries(tile.start, tile.end)
            left = _without(found, tile.start, replay.erased)
            if left != found:
                write_file(self.log / tile.path, write_entries(left))

    def keep(self, first: str, second: str) -> Path:
        """Keep two signed heads that contradict each other; the same pair once."""
        text = f"{first}\n---\n\n{second}"
        path = self._kept / f"{digests.sha256(text.encode('utf-8')).hex()[:32]}.txt"
        if not path.exists():
            write_file(path, text.encode("utf-8"))
        return path

    def stored_entries(self, start: int, end: int) -> list[bytes | None]:
        """Read entries of the archive. Raises StateError."""
        try:
            return list(entries(self.source, start, end))
        except SourceError as error:
            raise StateError(f"The mirror's own copy is damaged: {error}") from error

    def _tile(self, tile: Tile, replay: Replay, before: int, fresh: list[bytes | None]) -> bytes:
        if tile.level is not None:
            return b"".join(replay.hashes[tile.level][tile.start : tile.end])
        known = self.stored_entries(tile.start, before) if tile.start < before else []
        known += fresh[max(tile.start - before, 0) : tile.end - before]
        return write_entries(_without(known, tile.start, replay.erased))


def _without(found: list[bytes | None], start: int, erased: set[int]) -> list[bytes | None]:
    return [None if start + place in erased else one for place, one in enumerate(found)]


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file or none: beside it, synced, renamed, the folder synced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
