"""History is rewritten, and other heads are proven in the place of those that signers saw."""

from dataclasses import replace

from custody.proof import merkle
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    other = world.fork(len(world.entries))
    index = other.record(T.CASE_OPEN, other.sara, claims={"number": "another"})
    other.entries[told.offer - 4] = other.entries.pop(index)
    other.sign_head()

    size = other.checkpoint.size - 1
    true = merkle.root(other.leaves()[:size])
    parts = replace(other.parts(), seen=(other.seen_part(size, true),))
    return show(other, C.SEEN_NOT_PROVEN, parts=parts, policy=world.policy)
