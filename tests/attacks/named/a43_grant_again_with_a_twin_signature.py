"""The old grant is entered again with the other form of its signature, so that its bytes are new."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof import forging
from tests.proof.world import T, story

THREAT = 30
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    granted = world.record(T.DISCLOSURE_GRANT, world.sara, claims={"to": "defence"})
    world.record(T.DISCLOSURE_REVOKE, world.sara, claims={"to": "defence"})
    forging.copied(world, granted, forging.twin)
    return published(world, C.ENTRY_REPEATED)
