"""The hash in a receipt is changed so that it fits another report."""

from dataclasses import replace

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from custody.proof.report_receipt import write as write_receipt
from tests.attacks.named import Attempt
from tests.proof import forging, issued, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    true = issued.issue(forging.agency())
    policy = replace(true.told.world.policy, seals=(forging.authority().pin,))

    other = sealed.seal(sealed.report(true.told.world.bundle(true.told.item)), forging.agency())
    false = issued.reopened(true.receipt, "sha256", digests.sha256(other).hex())
    return Attempt(other, (C.RECEIPT_NOT_USABLE,), policy, receipt=write_receipt(false).encode())
