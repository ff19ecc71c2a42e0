"""A second signature of somebody else is put under a custodian's record."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 22
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.NOTE, world.otto, told.item, signers=(world.otto.key, world.eve.key))
    return published(world, C.SIGNER_WRONG)
