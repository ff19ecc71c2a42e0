"""A report has a stream of objects, in which a second bundle could hide."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "whoever makes the reports"


def attempt() -> Attempt:
    told = forging.honest()
    more = sealed.stream(b"/Type/ObjStm/N 0/First 0", b"")
    pdf = sealed.report(told.world.bundle(told.item), more)
    return Attempt(sealed.seal(pdf, forging.agency()), (C.PDF_BUNDLE_DAMAGED,), forging.reader())
