"""A report with two bundles is sealed, so that two readers see different facts."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "whoever makes the reports"


def attempt() -> Attempt:
    told = forging.honest()
    pointer = b"<</Type/Filespec/F(other.json)/EF<</F 8 0 R>>>>"
    second = sealed.stream(b"/Type/EmbeddedFile", told.world.bundle(told.second))
    pdf = sealed.report(told.world.bundle(told.item), pointer, second)
    return Attempt(sealed.seal(pdf, forging.agency()), (C.PDF_BUNDLE_SEVERAL,), forging.reader())
