"""Offer and acceptance change places in the log."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    one, two = told.offer, told.accept
    world.entries[one], world.entries[two] = world.entries[two], world.entries[one]
    return show(world, C.ENTRY_NOT_INCLUDED, C.CHAIN_BROKEN)
