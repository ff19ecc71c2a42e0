"""A real custodian signs a note for the past, and it is put under the old head of the log."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    old = world.note
    world.record(T.NOTE, world.otto, told.item)
    world.publish()
    return show(world, C.ENTRY_NOT_INCLUDED, parts=replace(world.parts(), checkpoint=old))
