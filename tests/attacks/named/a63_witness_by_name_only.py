"""A stranger cosigns under the name of the court."""

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

    court, stranger = publishing.cosigner(), publishing.cosigner()
    note = add_signatures(world.note, [stranger.signature(world.checkpoint.text(), publishing.MORNING)])
    parts = replace(world.parts(), checkpoint=note)
    return show(world, C.WITNESS_QUORUM, parts=parts, policy=publishing.asking_for(world, court))
