"""The signature under a decision in one case is put under the same decision in another."""

from custody.proof import envelope
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    signed = world.record(T.DISCLOSURE_GRANT, world.sara)
    moved = world.record(T.DISCLOSURE_GRANT, world.sara, claims={"to": "everybody"})
    false = envelope.parse_entry(world.entries[signed]).signatures
    world.entries[moved] = world.sealed_with(moved, *false)
    return published(world, C.SIGNATURE_INVALID)
