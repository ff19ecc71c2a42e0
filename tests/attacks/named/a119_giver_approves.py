"""The giver, who is a supervisor too, approves their own transfer."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from custody.proof.signatures import SigningKey
from tests.attacks.named import Attempt, published
from tests.proof.world import story

THREAT = 6
WHO = "custodian with a second key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    second = replace(world.ana, key=SigningKey.generate(), roles=frozenset({Role.SUPERVISOR}))
    world.enrol(second)
    world.transfer(told.second, world.ana, world.eve, second)
    return published(world, C.CHAIN_RULE)
