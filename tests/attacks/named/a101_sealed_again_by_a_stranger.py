"""Something is added to a sealed report, and a stranger seals the whole."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    again = sealed.seal(forging.report(), sealed.root("Stranger").issue("Seal"), field="Again")
    return Attempt(again, (C.SEAL_CERTIFICATE,), forging.reader())
