"""The issue of a report is recorded by an examiner."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.report_receipt import write as write_receipt
from tests.attacks.named import Attempt
from tests.proof import forging, issued
from tests.proof.world import T

THREAT = 22
WHO = "examiner"


def attempt() -> Attempt:
    true = issued.issue(forging.agency())
    world = true.told.world
    said = {one.field: one.value for one in true.receipt.openings}
    index = world.record(T.REPORT_ISSUED, world.ana, claims=said)
    world.publish()
    false = issued.receipt_of(world, index)
    policy = replace(world.policy, seals=(forging.authority().pin,))
    return Attempt(true.pdf, (C.RECEIPT_NOT_USABLE,), policy, receipt=write_receipt(false).encode())
