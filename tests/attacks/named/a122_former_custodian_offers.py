"""The former custodian gives the exhibit away once more."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 6
WHO = "custodian"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.TRANSFER_OFFER, world.ana, told.item)
    return published(world, C.CHAIN_RULE)
