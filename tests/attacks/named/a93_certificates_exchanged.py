"""A stranger's seal carries the certificate of the agency's authority beside its own."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = forging.honest()
    pdf = sealed.report(told.world.bundle(told.item))
    stranger = sealed.root("Stranger").issue("Seal")
    above = [*stranger.above, forging.authority().certificate]
    return Attempt(sealed.seal(pdf, stranger, above=above), (C.SEAL_CERTIFICATE,), forging.reader())
