"""A supervisor approves a transfer that nobody has accepted."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 6
WHO = "supervisor"


def attempt() -> Attempt:
    told = story()
    world = told.world

    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second)
    world.record(T.TRANSFER_APPROVE, world.sara, told.second, refs=[offer, offer])
    return published(world, C.CHAIN_RULE)
