"""A cosignature of the time 0, which states nothing, is shown as one of the newest head."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import add_signatures
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import story

THREAT = 28
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    court = publishing.cosigner()
    note = add_signatures(world.note, [court.signature(world.checkpoint.text(), 0)])
    parts = replace(world.parts(), checkpoint=note)
    return show(world, C.WITNESS_QUORUM, parts=parts, policy=publishing.asking_for(world, court))
