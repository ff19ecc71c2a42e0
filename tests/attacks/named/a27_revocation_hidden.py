"""The revocation of a key is left out, so that what was signed with it later looks valid."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story, without

THREAT = 4
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    revoked = world.revoke(world.ana)
    world.record(T.NOTE, world.ana, told.second)
    world.publish()
    return show(world, C.ENTRIES_MISSING, C.KEY_HISTORY_MISSING, parts=without(world.parts(), revoked))
