"""A record of another exhibit, without its history, is slipped into the report of one.

The reader has asked for the one, and would take what is told of the other for proven as well.
"""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    index = min(world.indices((Namespace.ITEM, str(told.second))))
    parts = forging.with_entries(world.parts(told.item), world.entry_part(index))
    asked = Scope(Namespace.ITEM, told.item)
    return show(world, C.ITEM_NOT_COVERED, parts=parts, scope=asked, outcome=Outcome.WITH_REMARKS)
