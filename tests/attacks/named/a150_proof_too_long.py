"""A proof has a hash more than is due."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = forging.with_proof(world.parts(), told.offer, lambda proof: (*proof, bytes(32)))
    return show(world, C.ENTRY_NOT_INCLUDED, parts=parts)
