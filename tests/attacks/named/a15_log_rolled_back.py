"""An old backup is restored and the log goes on from there as if nothing had been.

Alone the new report looks true; whoever kept an older one proves the rollback.
"""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 26
WHO = "whoever restores a backup"


def attempt() -> Attempt:
    told = story()
    world = told.world

    before = world.bundle(told.item)
    restored = world.fork(told.accept + 1)
    restored.record(T.TRANSFER_WITHDRAW, restored.ana, told.item, refs=[told.offer])
    restored.publish()
    return show(restored, C.FORK_PROVEN, other=before)
