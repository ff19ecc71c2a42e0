"""The last entry of the log, which lists what belongs to each exhibit, is left out."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    return show(world, C.MAP_HEAD_MISSING, parts=without(world.parts(), world.checkpoint.size - 1))
