"""An exhibit under a hold is proposed for disposal."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 6
WHO = "evidence officer"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.HOLD_PLACE, world.sara, told.item)
    world.record(T.DISPOSE_PROPOSE, world.otto, told.item)
    return published(world, C.CHAIN_RULE)
