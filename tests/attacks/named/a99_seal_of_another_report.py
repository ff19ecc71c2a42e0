"""The seal of one report is put into another."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told, report = forging.honest(), forging.report()
    other = sealed.seal(sealed.report(told.world.bundle(told.second)), forging.agency())
    (start, end), (first, last) = forging.seal_digits(report), forging.seal_digits(other)
    room = last - first
    moved = other[:first] + report[start:end].ljust(room, b"0")[:room] + other[last:]
    return Attempt(moved, (C.SEAL_DIGEST,), forging.reader())
