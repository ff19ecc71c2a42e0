"""The head that a custodian had seen is edited out of the record."""

from custody.proof import digests, merkle
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
        world,
        told.offer,
        lambda record: record.update(seen={"size": 0, "root": digests.b64(merkle.EMPTY_ROOT)}),
    )
    return show(world, C.ENTRY_NOT_INCLUDED, C.SIGNATURE_INVALID, parts=parts)
