"""A key is enrolled in the name of somebody who does not hold it."""

from typing import Any

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, published
from tests.proof.world import Person, T, story

THREAT = 22
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    framed = Person.make("Framed", Role.EXAMINER)
    extra: dict[str, Any] = {"key": framed.enrolled().to_json()}
    world.record(T.KEY_REGISTER, world.admin, extra=extra, signers=(world.admin.key,))
    world.record(T.NOTE, framed, told.item)
    return published(world, C.SIGNER_WRONG)
