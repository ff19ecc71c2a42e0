"""The key of the service takes an exhibit in."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import story

THREAT = 22
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.intake(world.service)
    return published(world, C.ROLE_NOT_ALLOWED)
