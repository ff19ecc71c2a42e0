"""The cosignature of an older head is put under the newest."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import add_signatures
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import T, story

THREAT = 28
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    court = publishing.cosigner()
    old = court.signature(world.checkpoint.text(), publishing.MORNING)
    world.record(T.CASE_ASSIGN, world.sara)
    world.publish()
    parts = replace(world.parts(), checkpoint=add_signatures(world.note, [old]))
    return show(world, C.WITNESS_SIGNATURE, parts=parts, policy=publishing.asking_for(world, court))
