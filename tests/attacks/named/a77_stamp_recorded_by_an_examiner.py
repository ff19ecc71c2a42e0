"""An examiner enters a time stamp into the log."""

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import T, story

THREAT = 24
WHO = "examiner"


def attempt() -> Attempt:
    told = story()
    world = told.world

    authority = stamps.stamper()

    head = world.checkpoint
    token = authority.token(head.text().encode(), world.now)
    index = world.record(T.ANCHOR, world.ana, extra={"token": digests.b64(token), "checkpoint": head.text()})
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), stamps.Stamped(head, token, index))
    return show(world, C.ROLE_NOT_ALLOWED, parts=parts, policy=stamps.pinning(world, authority))
