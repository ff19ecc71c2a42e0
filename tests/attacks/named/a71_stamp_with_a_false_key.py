"""A time stamp is signed with another key under the authority's certificate."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import sealed, stamps
from tests.proof.world import story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()
    forged = stamps.Stamper(sealed.p256(), authority.certificate)

    made = stamps.stamp(world, forged)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    return show(world, C.ANCHOR_INVALID, parts=parts, policy=stamps.pinning(world, authority))
