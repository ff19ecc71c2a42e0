"""The tokens of two time stamps are exchanged."""

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

    first = stamps.stamp(world, authority)
    world.publish()
    second = stamps.stamp(world, authority)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), first, second)
    one, two = parts.anchors
    swapped = (replace(one, token=two.token), replace(two, token=one.token))
    return show(
        world,
        C.ANCHOR_INVALID,
        parts=replace(parts, anchors=swapped),
        policy=stamps.pinning(world, authority),
    )
