"""The end of a history is forged with all keys, but an outside authority had stamped the true one."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import add_signatures
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof import stamps
from tests.proof.world import T, story

THREAT = 23
WHO = "thief of the log's and all witnesses' keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority, court = stamps.stamper(), publishing.cosigner()
    true = stamps.stamp(world, authority)
    forged = world.fork(told.accept)
    forged.record(T.TRANSFER_REFUSE, forged.otto, told.item, refs=[told.offer])
    while len(forged.entries) < true.head.size:
        forged.record(T.CASE_ASSIGN, forged.sara)
    forged.publish()
    parts = stamps.with_stamps(forged, forged.parts(), replace(true, index=forged.checkpoint.size))
    signed = [court.signature(forged.checkpoint.text(), publishing.MORNING)]
    policy = replace(publishing.asking_for(world, court), stampers=(authority.pin,))
    return show(
        forged,
        C.ANCHOR_FORK,
        parts=replace(parts, checkpoint=add_signatures(forged.note, signed)),
        policy=policy,
    )
