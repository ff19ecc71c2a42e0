"""A proof lacks its last hash."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.with_proof(world.parts(), told.offer, lambda proof: proof[:-1])
    return show(world, C.ENTRY_NOT_INCLUDED, parts=parts)
