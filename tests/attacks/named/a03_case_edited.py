"""An offer is moved to another case by editing its record."""

from uuid import uuid4

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.in_its_place(world, told.offer, lambda record: record.update(case=str(uuid4())))
    return show(world, C.ENTRY_NOT_INCLUDED, C.ENTRIES_MISSING, parts=parts)
