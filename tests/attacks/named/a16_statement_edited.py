"""The hash of the evidence that the report shows is changed."""

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
        replace(one, opening=replace(one.opening, value="cd" * 32)) if one.opening.field == "sha256" else one
        for one in parts.openings
    ]
    return show(world, C.OPENING_MISMATCH, parts=replace(parts, openings=tuple(said)))
