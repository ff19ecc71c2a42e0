"""A true time stamp over the head of another log is shown."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import ORIGIN, story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()

    made = stamps.stamp(world, authority)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    (anchor,) = parts.anchors
    text = anchor.checkpoint.replace(ORIGIN, "elsewhere.test/log")
    false = replace(anchor, checkpoint=text, token=authority.token(text.encode(), world.now))
    return show(
        world, C.ANCHOR_FORK, parts=replace(parts, anchors=(false,)), policy=stamps.pinning(world, authority)
    )
