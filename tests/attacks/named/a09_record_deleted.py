"""The acceptance of a transfer is taken out of the report."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    return show(world, C.ENTRIES_MISSING, C.CHAIN_BROKEN, parts=without(world.parts(), told.accept))
