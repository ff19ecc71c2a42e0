"""What was said as the purpose of a transfer is shown as its result."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts(told.item)
    said = [
        replace(one, opening=replace(one.opening, field="result")) if one.opening.field == "purpose" else one
        for one in parts.openings
    ]
    return show(world, C.OPENING_UNKNOWN, parts=replace(parts, openings=tuple(said)))
