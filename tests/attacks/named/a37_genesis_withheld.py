"""The first entry of the log, which names its first keys, is shown as erased."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    order = world.erase(world.sara, 0, about={0: []})
    world.publish()
    return show(world, C.GENESIS_MISSING, C.KEY_HISTORY_MISSING, parts=forging.withheld(world, 0, order))
