"""A new key is said to be confirmed by its holder's old key, but that is another person's."""

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    planted = Person.make("Planted", Role.EXAMINER)
    world.enrol(planted, world.admin, world.eve)
    world.record(T.NOTE, planted, told.item)
    return published(world, C.SIGNER_WRONG)
