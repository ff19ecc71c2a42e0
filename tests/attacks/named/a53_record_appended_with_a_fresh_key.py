"""A record in a custodian's name is signed with a key that nobody enrolled."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.signatures import SigningKey
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    thief = replace(world.otto, key=SigningKey.generate())
    world.record(T.NOTE, thief, told.item)
    return published(world, C.SIGNER_UNKNOWN)
