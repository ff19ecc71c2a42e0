"""Where two administrators must enrol a key, the second signs with a key that was revoked."""

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys, with a stolen key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    second = Person.make("Second Administrator", Role.ADMINISTRATOR)
    world.enrol(second)
    world.demand(2)
    world.revoke(second)
    planted = Person.make("Planted", Role.EXAMINER)
    world.enrol(planted, world.admin, second)
    world.record(T.NOTE, planted, told.item)
    return published(world, C.SIGNER_WRONG)
