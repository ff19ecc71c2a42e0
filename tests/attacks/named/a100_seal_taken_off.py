"""A report is handed over without its seal."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = forging.honest()
    return Attempt(sealed.report(told.world.bundle(told.item)), (C.SEAL_MISSING,), forging.reader())
