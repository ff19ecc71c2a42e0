"""An order of erasure says that the erased acceptance was about another exhibit."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace, mapkey
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 3
WHO = "supervisor who plays along"


def attempt() -> Attempt:
    told = story()
    world = told.world

    order = world.erase(
        world.sara, told.accept, about={told.accept: [mapkey(Namespace.ITEM, str(told.second))]}
    )
    world.publish()
    return show(world, C.ENTRIES_MISSING, parts=forging.withheld(world, told.accept, order))
