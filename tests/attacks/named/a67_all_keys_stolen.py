"""History is rewritten with the keys of the log and of all witnesses.

What custodians signed about the heads they saw gives the new history away.
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
    court, bar = publishing.cosigner(), publishing.cosigner("bar.test/witness")
    other = world.fork(len(world.entries))
    index = other.record(T.CASE_OPEN, other.sara, claims={"number": "another"})
    other.entries[told.offer - 4] = other.entries.pop(index)
    other.sign_head()

    signed = [one.signature(other.checkpoint.text(), publishing.MORNING) for one in (court, bar)]
    parts = replace(other.parts(), checkpoint=add_signatures(other.note, signed))
    return show(other, C.SEEN_FORK, parts=parts, policy=publishing.asking_for(world, court, bar))
