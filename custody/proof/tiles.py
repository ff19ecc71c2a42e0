"""Name and write the files of a published log: C2SP tlog-tiles, which is how mirrors get a log.

    checkpoint                       the newest signed head
    tile/<level>/<number>            256 hashes; level 0 are leaf hashes, each above is the root of a full tile below
    tile/entries/<number>            256 entries, each behind its length (16 bits)
    …/<number>.p/<width>             the last tile of a level while it has fewer than 256

Where an order has erased the bytes of an entry, its length is 0 and nothing follows; its leaf hash stays in the
tile of level 0. No entry is empty, so this cannot be mistaken. Does not read any store and opens no file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import MalformedError

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
# Eight levels of tiles hold more entries than a log can have.
MAX_LEVEL = 7
CHECKPOINT = "checkpoint"
# Sixteen bits of length and the longest entry, 256 times; hashes are shorter.
MAX_TILE = TILE_WIDTH * (2 + 65_535)

_PATH = re.compile(r"tile/(entries|[0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True)
class Tile:
    """A file of the log: hashes of a level, or entries (level None)."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        groups = f"{self.number:03d}"
        groups = groups.zfill(-(-len(groups) // 3) * 3)
        parts = [groups[start : start + 3] for start in range(0, len(groups), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        kind = "entries" if self.level is None else self.level
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{name}{suffix}"

    @property
    def start(self) -> int:
        """The index, on its own level, of its first hash or entry."""
        return self.number * TILE_WIDTH

    @property
    def end(self) -> int:
        return self.start + self.width

    @property
    def entries(self) -> int:
        """How many entries a log must have for this tile to exist."""
        return self.end << (TILE_HEIGHT * (self.level or 0))


def parse_path(path: str) -> Tile:
    """Read the name of a tile; each tile has one. Raises MalformedError."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise MalformedError("This is not the name of a tile.")
    number = int(match[2].replace("x", "").replace("/", ""))
    level = None if match[1] == "entries" else int(match[1])
    tile = Tile(level, number, int(match[3]) if match[3] else TILE_WIDTH)
    if tile.path != path or tile.width > TILE_WIDTH:
        raise MalformedError("This is not the name of a tile.")
    return tile


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """List the tiles that a log of `new` entries has and one of `old` entries had not, entries first."""
    yield from _of_level(None, old, new)
    for level in range(MAX_LEVEL + 1):
        if not new >> (TILE_HEIGHT * level):
            return
        yield from _of_level(level, old >> (TILE_HEIGHT * level), new >> (TILE_HEIGHT * level))


def _of_level(level: int | None, old: int, new: int) -> Iterator[Tile]:
    if old < new:
        for number in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            yield Tile(level, number, min(TILE_WIDTH, new - number * TILE_WIDTH))


def write_entries(entries: Sequence[bytes | None]) -> bytes:
    """Write a tile of entries; None stands for erased bytes."""
    return b"".join(len(entry or b"").to_bytes(2, "big") + (entry or b"") for entry in entries)


def read_entries(data: bytes, count: int) -> list[bytes | None]:
    """Read a tile of so many entries. Raises MalformedError."""
    found: list[bytes | None] = []
    place = 0
    for _ in range(count):
        length = int.from_bytes(data[place : place + 2], "big")
        end = place + 2 + length
        if end > len(data):
            raise MalformedError("A tile of entries ends too early.")
        found.append(data[place + 2 : end] or None)
        place = end
    if place != len(data):
        raise MalformedError("A tile of entries has bytes left over.")
    return found


def read_hashes(data: bytes, count: int) -> list[bytes]:
    """Read a tile of so many hashes. Raises MalformedError."""
    if len(data) != 32 * count:
        raise MalformedError("A tile of hashes has another length than its width says.")
    return [data[start : start + 32] for start in range(0, len(data), 32)]
