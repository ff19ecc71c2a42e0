"""One witness cosigns twice, so that it looks like two."""

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

    text = world.checkpoint.text()
    twice = [court.signature(text, publishing.MORNING), court.signature(text, publishing.MORNING + 60)]
    parts = replace(world.parts(), checkpoint=add_signatures(world.note, twice))
    return show(world, C.WITNESS_QUORUM, parts=parts, policy=policy)
