"""A custodian is made a supervisor by editing the registration of their key."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    index = min(world.indices((Namespace.KEYCTL, world.ana.key.keyid)))
    parts = forging.in_its_place(
        world, index, lambda record: record["key"].update(roles=["examiner", "supervisor"])
    )
    return show(world, C.ENTRY_NOT_INCLUDED, C.SIGNATURE_INVALID, parts=parts)
