"""The last entries of the log are cut off and the old signature is kept."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    note, size = world.note, world.checkpoint.size
    shorter = world.fork(told.accept)
    shorter.publish()
    assert shorter.checkpoint.size < size
    return show(
        shorter, C.ENTRY_NOT_INCLUDED, C.MAP_HEAD_MISSING, parts=replace(shorter.parts(), checkpoint=note)
    )
