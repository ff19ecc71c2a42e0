"""The registration of a key is left out, so that nobody sees whose it is."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 4
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    registered = min(world.indices((Namespace.KEYCTL, world.ana.key.keyid)))
    return show(world, C.KEY_HISTORY_MISSING, C.SIGNER_UNKNOWN, parts=without(world.parts(), registered))
