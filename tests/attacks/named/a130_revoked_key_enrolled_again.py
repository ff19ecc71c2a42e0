"""A revoked key is registered once more."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.revoke(world.ana)
    world.enrol(world.ana)
    return published(world, C.KEY_EVENT_INVALID)
