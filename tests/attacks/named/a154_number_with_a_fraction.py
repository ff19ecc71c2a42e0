"""A number is written as 1.0, which some readers take for 1."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    data = world.bundle().replace(b'"count":1', b'"count":1.0', 1)
    return Attempt(data, (C.BUNDLE_MALFORMED,), world.policy)
