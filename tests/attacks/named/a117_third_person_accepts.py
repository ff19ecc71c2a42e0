"""Another person accepts the transfer than the one to whom it was offered."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 30
WHO = "custodian and administrator of the server together"


def attempt() -> Attempt:
    told = story()
    world = told.world

    offer = world.record(
        T.TRANSFER_OFFER, world.ana, told.second, claims={"taker": {"person": str(world.otto.id)}}
    )
    world.record(T.TRANSFER_ACCEPT, world.eve, told.second, refs=[offer])
    return published(world, C.TAKER_NOT_NAMED)
