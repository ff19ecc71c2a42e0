"""The end of an exhibit's history is recorded under a case where nobody looks."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.STORAGE_IN, world.otto, told.item, case=told.second)
    world.publish()
    parts = without(world.parts(), *world.indices((Namespace.CASE, str(told.second))))
    return show(world, C.ENTRIES_MISSING, parts=parts)
