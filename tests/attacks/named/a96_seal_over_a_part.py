"""The range of the seal is cut to a part of the file."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    report = forging.report()
    start = report.rindex(b"/ByteRange") + len(b"/ByteRange")
    end = report.index(b"]", start) + 1
    shorter = b"[0 10 20 30".ljust(end - start - 1) + b"]"
    return Attempt(report[:start] + shorter + report[end:], (C.SEAL_RANGE,), forging.reader())
