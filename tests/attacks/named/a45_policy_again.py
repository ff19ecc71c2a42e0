"""A site of passkeys that was withdrawn is brought back by entering the old statement again."""

from custody.proof.findings import FindingCode as C
from custody.proof.passkey import Site
from tests.attacks.named import Attempt, published
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import forging, passkeys
from tests.proof.world import story

THREAT = 30
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    person = passkey_hands.holder(told, passkeys.Passkey())
    stated = world.state(passkeys.SITE)
    world.state(Site("elsewhere.test", "https://elsewhere.test"))
    forging.copied(world, stated)
    passkey_hands.noted(told, person, lambda key, message: key.signature(message))
    return published(world, C.ENTRY_REPEATED)
