"""The report of one exhibit is handed over as that of another."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof import forging

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = forging.honest()
    parts = told.world.parts(told.second)
    return show(told.world, C.MAP_PROOF_MISSING, parts=parts, scope=Scope(Namespace.ITEM, told.item))
