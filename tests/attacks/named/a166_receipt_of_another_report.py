"""The receipt of one report is handed over with another."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, issued, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    true = issued.issue(forging.agency())
    policy = replace(true.told.world.policy, seals=(forging.authority().pin,))

    other = sealed.seal(sealed.report(true.told.world.bundle(true.told.item)), forging.agency())
    return Attempt(other, (C.RECEIPT_MISMATCH,), policy, receipt=true.text)
