"""A time stamp is made with the certificate of a web server."""

from cryptography.x509.oid import ExtendedKeyUsageOID

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import stamps
from tests.proof.world import story

THREAT = 24
WHO = "forger of time stamps"


def attempt() -> Attempt:
    told = story()
    world = told.world

    server = stamps.stamper(usages=[ExtendedKeyUsageOID.SERVER_AUTH])

    made = stamps.stamp(world, server)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), made)
    return show(world, C.ANCHOR_INVALID, parts=parts, policy=stamps.pinning(world, server))
