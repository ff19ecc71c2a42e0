"""The agency's seal certificate is used to issue another certificate, which seals."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "thief of the seal"


def attempt() -> Attempt:
    told = forging.honest()
    pdf = sealed.report(told.world.bundle(told.item))
    return Attempt(sealed.seal(pdf, forging.agency().issue("Seal")), (C.SEAL_CERTIFICATE,), forging.reader())
