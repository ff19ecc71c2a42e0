"""An entry is shown, and once more as erased, so that a reader counts what it likes."""

from custody.proof.bundle import WithheldPart
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    order = world.erase(world.sara, told.accept)
    world.publish()
    hidden = WithheldPart(told.accept, world.leaf(told.accept), order, world.inclusion(told.accept))
    parts = forging.with_entries(world.parts(), hidden)
    return show(world, C.ENTRY_ORDER, C.ENTRIES_MISSING, parts=parts)
