"""The time in a true cosignature is made a later one."""

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
    true = court.signature(world.checkpoint.text(), publishing.MORNING)
    later = replace(true, sig=(publishing.MORNING + 86_400).to_bytes(8, "big") + true.sig[8:])
    parts = replace(world.parts(), checkpoint=add_signatures(world.note, [later]))
    return show(world, C.WITNESS_SIGNATURE, parts=parts, policy=publishing.asking_for(world, court))
