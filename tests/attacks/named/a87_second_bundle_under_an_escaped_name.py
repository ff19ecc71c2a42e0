"""A second bundle is attached with the letters of its type written as numbers."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "whoever makes the reports"


def attempt() -> Attempt:
    told = forging.honest()
    pointer = b"<</Type/Filespec/F(other.json)/#45#46<</F 8 0 R>>>>"
    second = sealed.stream(b"/Type/#45mbedded#46ile", told.world.bundle(told.second))
    pdf = sealed.report(told.world.bundle(told.item), pointer, second)
    return Attempt(sealed.seal(pdf, forging.agency()), (C.PDF_BUNDLE_SEVERAL,), forging.reader())
