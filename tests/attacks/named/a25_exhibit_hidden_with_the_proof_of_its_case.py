"""One exhibit is left out, and the proof about the case too.

The report is true about the other exhibit; whoever asks for the case is not answered by it.
"""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts(told.item)
    return show(world, C.MAP_PROOF_MISSING, parts=parts, scope=Scope(Namespace.CASE, world.case))
