"""The time of an approval is edited in the rows of the log."""

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
        world, told.approve, lambda record: record.update(time="2026-03-01T09:00:00Z")
    )
    return show(world, C.ENTRY_NOT_INCLUDED, C.SIGNATURE_INVALID, parts=parts)
