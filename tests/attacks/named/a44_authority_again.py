"""A legal authority that has ended is entered again."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof import forging
from tests.proof.world import T, story

THREAT = 30
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    added = world.record(T.AUTHORITY_ADD, world.sara, claims={"kind": "warrant"})
    world.record(T.AUTHORITY_END, world.sara, claims={"kind": "warrant"})
    forging.copied(world, added)
    return published(world, C.ENTRY_REPEATED)
