"""A supervisor orders the bytes of a revocation to be erased."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import T, story

THREAT = 4
WHO = "supervisor who plays along"


def attempt() -> Attempt:
    told = story()
    world = told.world

    revoked = world.revoke(world.ana)
    world.record(T.NOTE, world.ana, told.second)
    order = world.erase(world.sara, revoked)
    world.publish()
    return show(
        world, C.ENTRIES_MISSING, C.KEY_HISTORY_MISSING, parts=forging.withheld(world, revoked, order)
    )
