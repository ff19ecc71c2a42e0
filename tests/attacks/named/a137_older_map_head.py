"""A true list of an earlier day is shown in the place of the newest."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    earlier = world.entry_part(told.offer - 1)
    parts = forging.with_entries(without(world.parts(), world.checkpoint.size - 1), earlier)
    return show(world, C.MAP_HEAD_MISSING, parts=parts)
