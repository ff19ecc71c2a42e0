"""The first entry of another log is shown in the place of the true one."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import World, story

THREAT = 21
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    other = World()
    parts = forging.with_part(world.parts(), 0, lambda part: replace(part, entry=other.entries[0]))
    return show(world, C.GENESIS_PIN, C.ENTRY_NOT_INCLUDED, parts=parts)
