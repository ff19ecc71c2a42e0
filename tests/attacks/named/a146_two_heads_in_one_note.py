"""Two signed heads are put one behind the other in the place of one."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    return show(
        world, C.CHECKPOINT_MALFORMED, parts=replace(world.parts(), checkpoint=world.note + "\n" + world.note)
    )
