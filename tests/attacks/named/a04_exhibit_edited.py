"""The record of a check is made to be about another exhibit."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.in_its_place(
        world, told.approve + 1, lambda record: record["subjects"][0].update(item=str(told.second))
    )
    return show(world, C.ENTRY_NOT_INCLUDED, C.ENTRIES_MISSING, parts=parts)
