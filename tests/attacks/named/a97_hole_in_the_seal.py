"""The range of the seal leaves out more than the seal, so that something can be put there."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    report = forging.report()
    start, end = forging.seal_digits(report)
    true, wider = b"%d %d" % (start - 1, end + 1), b"%d %d" % (start - 41, end + 1)
    assert report.count(true) == 1 and len(true) == len(wider)
    return Attempt(report.replace(true, wider), (C.SEAL_RANGE,), forging.reader())
