"""It is left out that a key may have been in other hands."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story, without

THREAT = 4
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    since = world.now
    suspected = world.suspect(world.ana, since)
    world.record(T.NOTE, world.ana, told.second)
    world.publish()
    return show(world, C.ENTRIES_MISSING, C.KEY_HISTORY_MISSING, parts=without(world.parts(), suspected))
