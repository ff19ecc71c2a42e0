"""Where two administrators must enrol a key, one signs with both of their keys."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    second_key = replace(Person.make("Abel Administrator", Role.ADMINISTRATOR), id=world.admin.id)
    world.enrol(second_key)
    world.demand(2)
    planted = Person.make("Planted", Role.EXAMINER)
    world.enrol(planted, world.admin, second_key)
    world.record(T.NOTE, planted, told.item)
    return published(world, C.SIGNER_WRONG)
