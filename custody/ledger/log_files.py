"""The log as files for mirrors (C2SP tlog-tiles): what is in each tile, and a folder that is brought up to date.

Entries are envelopes: pseudonymous ids and commitments, no openings. Where an order has erased an entry, its leaf
hash is all there is.
"""

from __future__ import annotations

from pathlib import Path

from custody.ledger import cosigning, publish
from custody.ledger.models import Checkpoint, Entry
from custody.ledger.tree import row_hashes
from custody.proof.mirror.archive import write_file
from custody.proof.tiles import CHECKPOINT, TILE_HEIGHT, TILE_WIDTH, Tile, tiles_between, write_entries


def content(tile: Tile) -> bytes:
    """Return the bytes of a tile that exists. Raises LookupError if it does not, or rows are missing."""
    newest = publish.newest()
    if newest is None or tile.entries > newest.size:
        raise LookupError(f"{tile.path} is beyond the newest head")
    if tile.level is None:
        rows = Entry.objects.filter(seq__gte=tile.start, seq__lt=tile.end).order_by("seq")
        found = [None if data is None else bytes(data) for data in rows.values_list("data", flat=True)]
        if len(found) != tile.width:
            raise LookupError(f"{tile.path}: entries are missing")
        return write_entries(found)
    return b"".join(row_hashes(TILE_HEIGHT * tile.level, tile.start, tile.width))


def export(folder: Path, checkpoint: Checkpoint) -> int:
    """Bring a folder up to this head, which is written last; return how many tiles were written.

    Full tiles that are there stay, except where an order has erased an entry since.
    """
    written = 0
    erased = {seq // TILE_WIDTH for seq in Entry.objects.filter(data=None).values_list("seq", flat=True)}
    for tile in tiles_between(0, checkpoint.size):
        path = folder / tile.path
        if tile.level is None and tile.number in erased:
            data = content(tile)
            if path.is_file() and path.read_bytes() == data:
                continue
        elif path.is_file():
            continue
        else:
            data = content(tile)
        write_file(path, data)
        written += 1
    current = {tile.path for tile in tiles_between(0, checkpoint.size)}
    for path in folder.rglob("*.p/*"):  # an outgrown tile could hold what was erased since
        if path.relative_to(folder).as_posix() not in current:
            path.unlink()
    write_file(folder / CHECKPOINT, cosigning.note_of(checkpoint).encode("utf-8"))
    return written
