"""A report is sealed with a certificate that somebody made for themselves.

Names are the agency's.
"""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = forging.honest()
    pdf = sealed.report(told.world.bundle(told.item))
    stranger = sealed.root("Test authority").issue("Seal of the agency")
    return Attempt(sealed.seal(pdf, stranger), (C.SEAL_CERTIFICATE,), forging.reader())
