"""A number is so large that readers round it differently."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    data = world.bundle().replace(b'"count":1', b'"count":9007199254740993', 1)
    return Attempt(data, (C.BUNDLE_MALFORMED,), world.policy)
