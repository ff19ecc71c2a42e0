"""The bundle in a sealed report is replaced by one of another exhibit.

The seal of the true report is put over it.
"""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told, report = forging.honest(), forging.report()
    true, other = (sealed.report(told.world.bundle(item)) for item in (told.item, told.second))
    start, end = forging.seal_digits(report)
    resealed = sealed.seal(other, forging.agency())
    first, last = forging.seal_digits(resealed)
    assert report.startswith(true)
    room = last - first
    moved = resealed[:first] + report[start:end].ljust(room, b"0")[:room] + resealed[last:]
    return Attempt(moved, (C.SEAL_DIGEST,), forging.reader())
