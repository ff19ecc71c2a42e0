"""An examiner states that passkeys may be used on their own site."""

from custody.proof.findings import FindingCode as C
from custody.proof.passkey import Site
from tests.attacks.named import Attempt, published
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import passkeys
from tests.proof.world import T, story

THREAT = 22
WHO = "examiner"


def attempt() -> Attempt:
    told = story()
    world = told.world

    site = Site("evidence.example", "https://evidence.example")
    person = passkey_hands.holder(told, passkeys.Passkey(site=site))
    world.record(T.POLICY_UPDATE, world.ana, extra={"policy": world.policy_text(site)})
    passkey_hands.noted(told, person, lambda key, message: key.signature(message))
    return published(world, C.ROLE_NOT_ALLOWED)
