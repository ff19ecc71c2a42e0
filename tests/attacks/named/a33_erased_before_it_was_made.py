"""An order of erasure is used for an entry that was made only later."""

from custody.proof.erasure import write_erased
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import T, story

THREAT = 3
WHO = "supervisor who plays along"


def attempt() -> Attempt:
    told = story()
    world = told.world

    erased = write_erased({len(world.entries) + 1: []})
    order = world.record(T.ERASURE, world.sara, extra={"openings": [], "erased": erased})
    index = world.record(T.NOTE, world.otto, told.item)
    assert index == order + 1
    world.publish()
    return show(world, C.WITHHELD_WITHOUT_ORDER, parts=forging.withheld(world, index, order))
