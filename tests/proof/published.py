"""A world's log as it is published (tlog-tiles), in a folder; and witnesses over it, as others run them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from custody.proof import merkle
from custody.proof.mirror.archive import Archive
from custody.proof.mirror.source import FolderSource, Source
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import Cosigner
from custody.proof.policy import Group, Policy
from custody.proof.policy import Witness as Line
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.tiles import CHECKPOINT, TILE_HEIGHT, tiles_between, write_entries
from tests.proof.world import World

MORNING = 1_772_442_000


def export(world: World, folder: Path, *, withheld: Collection[int] = ()) -> Path:
    """Write the log up to its newest head; of withheld entries the leaf hash only."""
    size = world.checkpoint.size
    read = merkle.reader_of(world.leaves()[:size])
    for tile in tiles_between(0, size):
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        indices = range(tile.start, tile.end)
        if tile.level is None:
            path.write_bytes(write_entries([None if i in withheld else world.entries[i] for i in indices]))
        else:
            path.write_bytes(b"".join(read(TILE_HEIGHT * tile.level, i) for i in indices))
    (folder / CHECKPOINT).write_text(world.note, encoding="utf-8")
    return folder


def cosigner(name: str = "court.test/witness", algorithm: str = Algorithm.ED25519) -> Cosigner:
    return Cosigner(name, SigningKey.generate(algorithm))


def witness(
    world: World,
    state: Path,
    source: Path | Source,
    *,
    keys: Sequence[Cosigner] = (),
    policy: Policy | None = None,
) -> Witness:
    """A witness of the world's log, as its operator starts it; a second call is a restart."""
    found = FolderSource(source) if isinstance(source, Path) else source
    return Witness(Archive(state), policy or world.policy, keys, found, clock=lambda: MORNING)


def asking_for(world: World, *cosigners: Cosigner, quorum: str = "all") -> Policy:
    """The world's policy with these witnesses, named by their places, and a quorum of them."""
    lines = tuple(Line(f"w{place}", one.public) for place, one in enumerate(cosigners))
    threshold = {"all": len(lines), "any": 1}.get(quorum) or int(quorum)
    group = Group("outside", threshold, tuple(line.name for line in lines))
    return replace(world.policy, witnesses=lines, groups=(group,), quorum="outside")
