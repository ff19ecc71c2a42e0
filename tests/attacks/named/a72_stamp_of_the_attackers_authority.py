"""An authority of the attacker's, with the true name and the true certificate beside its own, stamps an earlier day.

The stamp is not counted, and that is said; the records keep the verdict they have without it.
"""

from datetime import timedelta

from custody.proof.findings import FindingCode as C
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()
    thief = stamps.stamper()

    made = stamps.stamp(world, thief.but(others=[authority.certificate]), world.now - timedelta(days=30))
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    return show(
        world,
        C.ANCHOR_NOT_PINNED,
        parts=parts,
        policy=stamps.pinning(world, authority),
        outcome=Outcome.WITH_REMARKS,
    )
