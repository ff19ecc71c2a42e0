"""One check of the stored copy is shown twice."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.with_entries(world.parts(), world.entry_part(told.approve + 1))
    return show(world, C.ENTRY_ORDER, C.ENTRIES_MISSING, parts=parts)
