"""An examiner enrols a key of their own as a supervisor's."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from custody.proof.signatures import SigningKey
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "examiner"


def attempt() -> Attempt:
    told = story()
    world = told.world

    promoted = replace(world.ana, key=SigningKey.generate(), roles=frozenset({Role.SUPERVISOR}))
    world.enrol(promoted, by=world.ana)
    world.record(T.CASE_ASSIGN, promoted)
    return published(world, C.ROLE_NOT_ALLOWED)
