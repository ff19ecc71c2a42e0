"""A member is there twice, so that two readers take different ones."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    data = world.bundle().replace(b'"format":', b'"format":"unbroken.custody-bundle/v1","format":', 1)
    return Attempt(data, (C.BUNDLE_MALFORMED,), world.policy)
