"""It is left out that a site of passkeys was withdrawn."""

from custody.proof.findings import FindingCode as C
from custody.proof.passkey import Site
from tests.attacks.named import Attempt, show
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import passkeys
from tests.proof.world import story, without

THREAT = 32
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    person = passkey_hands.holder(told, passkeys.Passkey())
    withdrawn = world.state(Site("elsewhere.test", "https://elsewhere.test"))
    passkey_hands.noted(told, person, lambda key, message: key.signature(message))
    world.publish()
    return show(world, C.ENTRIES_MISSING, C.POLICY_HISTORY_MISSING, parts=without(world.parts(), withdrawn))
