"""A whole transfer, from offer to approval, is left out."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    return show(
        world, C.ENTRIES_MISSING, parts=without(world.parts(told.item), told.offer, told.accept, told.approve)
    )
