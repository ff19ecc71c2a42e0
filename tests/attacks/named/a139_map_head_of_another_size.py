"""The list says that it covers more entries than it does."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 3
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.publish(size_off_by=1)
    return show(world, C.MAP_HEAD_INVALID)
