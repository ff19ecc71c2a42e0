"""The end of a history is forged with the keys of the log and of all witnesses.

An older report in anybody's drawer proves the fork.
"""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import add_signatures
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import T, story

THREAT = 26
WHO = "thief of the log's and all witnesses' keys"


def attempt() -> Attempt:
    told = story()
    world = told.world
    court = publishing.cosigner()
    forged = world.fork(told.accept)
    forged.record(T.TRANSFER_REFUSE, forged.otto, told.item, refs=[told.offer])
    forged.publish()

    signed = [court.signature(forged.checkpoint.text(), publishing.MORNING)]
    parts = replace(forged.parts(), checkpoint=add_signatures(forged.note, signed))
    policy = publishing.asking_for(world, court)
    return show(forged, C.FORK_PROVEN, parts=parts, policy=policy, other=world.bundle(told.item))
