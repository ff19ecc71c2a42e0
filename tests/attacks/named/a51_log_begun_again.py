"""A new log is begun with the stolen key, with people of the thief's own."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import World, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    fresh = World()
    fresh.log_key, fresh.signer = world.log_key, world.signer
    fresh.intake()
    fresh.publish()
    return show(fresh, C.GENESIS_PIN, policy=world.policy)
