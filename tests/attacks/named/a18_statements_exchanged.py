"""The hashes of two exhibits are exchanged."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts()
    one, two = (part for part in parts.openings if part.opening.field == "sha256")
    swapped = (replace(one, opening=two.opening), replace(two, opening=one.opening))
    return show(world, C.OPENING_MISMATCH, parts=replace(parts, openings=swapped))
