"""A stranger seals with their own key and shows the agency's certificate as theirs."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = forging.honest()
    pdf = sealed.report(told.world.bundle(told.item))
    false = replace(forging.agency(), key=sealed.p256())
    return Attempt(sealed.seal(pdf, false), (C.SEAL_SIGNATURE,), forging.reader())
