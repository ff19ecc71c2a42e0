"""The signature under the note on one exhibit is put under a note on another."""

from custody.proof import envelope
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    signed = world.record(T.NOTE, world.ana, told.second)
    moved = world.record(T.NOTE, world.ana, told.item)
    world.entries[moved] = world.sealed_with(moved, *envelope.parse_entry(world.entries[signed]).signatures)
    return published(world, C.SIGNATURE_INVALID)
