"""An old entry is replaced and everything after it signed again with the log's key.

Each custodian signed the head that they saw: those signatures cannot be made again.
"""

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
    return show(other, C.SEEN_FORK, policy=world.policy)
