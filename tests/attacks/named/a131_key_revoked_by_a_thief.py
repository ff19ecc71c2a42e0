"""A thief revokes the key of a supervisor."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import story

THREAT = 22
WHO = "thief of a custodian's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.revoke(world.sara, by=world.ana)
    return published(world, C.KEY_EVENT_INVALID)
