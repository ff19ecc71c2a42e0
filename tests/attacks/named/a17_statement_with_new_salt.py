"""A false statement is opened with a fresh salt."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.records import make_opening
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts(told.item)
    first, *rest = parts.openings
    lie = replace(first, opening=make_opening(first.opening.field, "a lie"))
    return show(world, C.OPENING_MISMATCH, parts=replace(parts, openings=(lie, *rest)))
