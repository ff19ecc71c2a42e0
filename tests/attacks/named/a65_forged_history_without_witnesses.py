"""A history forged with the log's key has no witness."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import T, story

THREAT = 26
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world
    court = publishing.cosigner()
    forged = world.fork(told.accept)
    forged.record(T.TRANSFER_REFUSE, forged.otto, told.item, refs=[told.offer])
    forged.publish()

    return show(forged, C.WITNESS_QUORUM, policy=publishing.asking_for(world, court))
