"""An examiner orders an erasure."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 22
WHO = "examiner"


def attempt() -> Attempt:
    told = story()
    world = told.world

    order = world.erase(world.ana, told.accept)
    world.publish()
    return show(world, C.ROLE_NOT_ALLOWED, parts=forging.withheld(world, told.accept, order))
