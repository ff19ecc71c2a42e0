"""An examiner grants a disclosure."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "examiner"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.DISCLOSURE_GRANT, world.ana)
    return published(world, C.ROLE_NOT_ALLOWED)
