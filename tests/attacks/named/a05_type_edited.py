"""An acceptance is turned into a refusal by editing the type of the record."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.in_its_place(world, told.accept, lambda record: record.update(type="transfer.refuse"))
    return show(world, C.ENTRY_NOT_INCLUDED, C.CHAIN_BROKEN, parts=parts)
