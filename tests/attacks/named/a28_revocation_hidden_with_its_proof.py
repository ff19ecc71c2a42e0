"""The revocation of a key is left out, and with it the proof about that key."""

from dataclasses import replace

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
    parts = without(world.parts(), revoked)
    maps = tuple(part for part in parts.maps if part.id != world.ana.key.keyid)
    return show(world, C.KEY_HISTORY_MISSING, parts=replace(parts, maps=maps))
