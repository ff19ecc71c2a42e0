"""A statement bears the name of something that every JavaScript object has."""

from dataclasses import replace

from custody.proof.bundle import OpeningPart
from custody.proof.findings import FindingCode as C
from custody.proof.records import make_opening
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts(told.item)
    lie = OpeningPart(told.accept, make_opening("constructor", "a lie"))
    return show(world, C.OPENING_UNKNOWN, parts=replace(parts, openings=(*parts.openings, lie)))
