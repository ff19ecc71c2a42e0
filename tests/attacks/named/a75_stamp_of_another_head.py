"""The time stamp of an earlier head is shown over the newest."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()

    early = stamps.stamp(world, authority)
    world.publish()
    late = stamps.stamp(world, authority)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), late)
    (anchor,) = parts.anchors
    false = replace(parts, anchors=(replace(anchor, token=early.token),))
    return show(world, C.ANCHOR_INVALID, parts=false, policy=stamps.pinning(world, authority))
