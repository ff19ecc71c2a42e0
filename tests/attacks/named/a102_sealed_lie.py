"""The agency itself seals a report that opens a statement nobody signed.

A seal says who made the file and that it is unchanged; the facts must stand by themselves.
"""

from dataclasses import replace

from custody.proof import bundle
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "whoever makes the reports"


def attempt() -> Attempt:
    told = forging.honest()
    parts = told.world.parts(told.item)
    first, *rest = parts.openings
    lie = replace(first, opening=replace(first.opening, value="a lie"))
    pdf = sealed.report(bundle.build(replace(parts, openings=(lie, *rest))))
    return Attempt(sealed.seal(pdf, forging.agency()), (C.OPENING_MISMATCH,), forging.reader())
