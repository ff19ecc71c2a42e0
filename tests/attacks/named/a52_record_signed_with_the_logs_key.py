"""A record in a custodian's name is signed with the log's key."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.NOTE, world.otto, told.item, signers=(world.log_key,))
    return published(world, C.SIGNER_WRONG, C.SIGNATURE_INVALID)
