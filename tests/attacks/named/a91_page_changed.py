"""One word of the page is changed."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    changed = forging.report().replace(b"% nothing to see here", b"% nothing to sea here")
    return Attempt(changed, (C.SEAL_DIGEST,), forging.reader())
