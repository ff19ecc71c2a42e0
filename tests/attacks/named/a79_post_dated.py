"""A record states a day after the time stamp over the head that covers it."""

from datetime import timedelta

from custody.proof.findings import FindingCode as C
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import T, story

THREAT = 23
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()

    world.record(T.NOTE, world.otto, told.item, time=world.now + timedelta(days=2))
    world.publish()
    made = stamps.stamp(world, authority)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    policy = stamps.pinning(world, authority)
    return show(world, C.TIME_OUTSIDE_WINDOW, parts=parts, policy=policy, outcome=Outcome.WITH_REMARKS)
