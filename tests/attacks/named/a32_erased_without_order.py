"""An acceptance is shown as erased, and no order names it."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    order = world.erase(world.sara, told.offer)
    world.publish()
    return show(world, C.WITHHELD_WITHOUT_ORDER, parts=forging.withheld(world, told.accept, order))
