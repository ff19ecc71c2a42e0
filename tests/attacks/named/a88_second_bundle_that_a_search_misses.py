"""A second bundle is attached as an object whose number is followed by a comment.

PDF readers allow a comment there; a plain search for objects does not find it.
"""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "whoever makes the reports"


def attempt() -> Attempt:
    told = forging.honest()
    pointer = b"8 0 obj\n<</Type/Filespec/F(other.json)/EF<</F 9 0 R>>>>\nendobj\n"
    second = b"9 0%\nobj\n" + sealed.stream(b"", told.world.bundle(told.second)) + b"\nendobj\n"
    pdf = forging.pdf_with(told.world.bundle(told.item), pointer, second)
    return Attempt(sealed.seal(pdf, forging.agency()), (C.PDF_BUNDLE_DAMAGED,), forging.reader())
