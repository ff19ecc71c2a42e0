"""What a custodian of two agencies signed in the one log is entered in the other."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 21
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.STORAGE_IN, world.otto, told.item, log="elsewhere.test/log")
    return published(world, C.ENTRY_OTHER_LOG)
