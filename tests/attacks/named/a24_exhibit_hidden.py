"""One exhibit of a case is left out, with the proof about it."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = without(world.parts(), *world.indices((Namespace.ITEM, str(told.second))))
    maps = tuple(part for part in parts.maps if part.id != str(told.second))
    return show(world, C.ENTRIES_MISSING, parts=replace(parts, maps=maps))
