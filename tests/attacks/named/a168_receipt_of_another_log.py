"""The receipt is made by a log of the forger's own."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, issued

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    true = issued.issue(forging.agency())
    policy = replace(true.told.world.policy, seals=(forging.authority().pin,))

    own = issued.issue(forging.agency())
    return Attempt(true.pdf, (C.RECEIPT_NOT_USABLE,), policy, receipt=own.text)
