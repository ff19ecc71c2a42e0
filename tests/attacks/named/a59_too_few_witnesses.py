"""One of two witnesses has cosigned."""

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

    court, bar = publishing.cosigner(), publishing.cosigner("bar.test/witness")
    policy = publishing.asking_for(world, court, bar)

    note = add_signatures(world.note, [court.signature(world.checkpoint.text(), publishing.MORNING)])
    return show(world, C.WITNESS_QUORUM, parts=replace(world.parts(), checkpoint=note), policy=policy)
