"""The log shows one history to the defence and another to the court."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 26
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    left, right = world.fork(told.accept), world.fork(told.accept)
    left.record(T.TRANSFER_ACCEPT, left.otto, told.item, refs=[told.offer])
    right.record(T.TRANSFER_WITHDRAW, right.ana, told.item, refs=[told.offer])
    left.publish()
    right.publish()
    return show(left, C.FORK_PROVEN, other=right.bundle())
