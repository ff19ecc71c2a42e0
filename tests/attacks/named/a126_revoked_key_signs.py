"""A stolen key signs after its revocation, and states a time before it."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "thief of a custodian's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    stolen = world.now
    world.revoke(world.ana)
    world.record(T.TRANSFER_OFFER, world.ana, told.second, time=stolen)
    return published(world, C.KEY_NOT_VALID)
