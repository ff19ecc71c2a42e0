"""An exhibit is taken in once more, as if its history began anew."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 6
WHO = "custodian"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.ITEM_INTAKE, world.eve, told.second)
    return published(world, C.CHAIN_RULE)
