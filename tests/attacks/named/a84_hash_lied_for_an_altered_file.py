"""The report opens a false hash so that an altered file fits."""

from dataclasses import replace

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from custody.proof.verify_statements import EvidenceFile
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    altered = digests.sha256(b"altered").hex()
    parts = world.parts(told.item)
    said = [
        replace(one, opening=replace(one.opening, value=altered)) if one.opening.field == "sha256" else one
        for one in parts.openings
    ]
    return show(
        world,
        C.OPENING_MISMATCH,
        parts=replace(parts, openings=tuple(said)),
        evidence=(EvidenceFile("disk.img", altered),),
    )
