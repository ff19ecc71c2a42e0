"""A time stamp is made with a certificate that had expired by then."""

from datetime import UTC, datetime

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    expired = stamps.stamper(begin=datetime(2020, 1, 1, tzinfo=UTC), years=5)

    made = stamps.stamp(world, expired)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    return show(world, C.ANCHOR_INVALID, parts=parts, policy=stamps.pinning(world, expired))
