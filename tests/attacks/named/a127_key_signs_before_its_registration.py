"""A key signs before it is registered."""

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    person = Person.make("Newcomer", Role.EXAMINER)
    world.record(T.NOTE, person, told.item)
    world.enrol(person)
    return published(world, C.KEY_NOT_VALID)
