"""Something is written into the space that the seal has reserved."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    report = forging.report()
    _, end = forging.seal_digits(report)
    hidden = report[: end - 20] + b"12345678" * 2 + report[end - 4 :]
    return Attempt(hidden, (C.SEAL_MALFORMED,), forging.reader())
