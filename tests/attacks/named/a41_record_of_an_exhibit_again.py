"""A signed check of an exhibit is entered once more."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    forging.copied(world, told.approve + 1)
    return published(world, C.CHAIN_BROKEN, C.ENTRY_REPEATED)
