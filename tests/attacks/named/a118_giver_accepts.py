"""The giver accepts their own offer."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 6
WHO = "custodian"


def attempt() -> Attempt:
    told = story()
    world = told.world

    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second)
    world.record(T.TRANSFER_ACCEPT, world.ana, told.second, refs=[offer])
    return published(world, C.CHAIN_RULE)
