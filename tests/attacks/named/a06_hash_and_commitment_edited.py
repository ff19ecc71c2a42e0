"""A new hash of the evidence is written into the intake, with a commitment that fits it."""

from dataclasses import replace

from custody.proof import digests
from custody.proof.bundle import OpeningPart
from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.records import make_opening
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    index = min(world.indices((Namespace.ITEM, str(told.item))))
    lie = make_opening("sha256", "ef" * 32)
    parts = forging.in_its_place(
        world, index, lambda record: record["claims"].update(sha256=digests.b64(lie.commitment()))
    )
    said = [
        OpeningPart(index, lie) if (one.index, one.opening.field) == (index, "sha256") else one
        for one in parts.openings
    ]
    return show(world, C.ENTRY_NOT_INCLUDED, C.SIGNATURE_INVALID, parts=replace(parts, openings=tuple(said)))
