"""One administrator alone lets the log demand one where it demanded two, and enrols a key."""

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.enrol(Person.make("Second Administrator", Role.ADMINISTRATOR))
    world.demand(2)
    world.demand(1)
    planted = Person.make("Planted", Role.EXAMINER)
    world.enrol(planted)
    world.record(T.NOTE, planted, told.item)
    return published(world, C.SIGNER_WRONG)
