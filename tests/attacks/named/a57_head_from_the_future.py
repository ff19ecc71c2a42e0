"""A record claims that its signer saw more of the log than there was."""

from custody.proof.findings import FindingCode as C
from custody.proof.records import Seen
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.CASE_ASSIGN, world.sara, seen=Seen(len(world.entries) + 1, bytes(32)))
    return published(world, C.SEEN_AHEAD)
