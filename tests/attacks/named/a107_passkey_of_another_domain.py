"""A passkey of another domain signs on the true page."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import passkeys
from tests.proof.world import story

THREAT = 31
WHO = "page of somebody else"


def attempt() -> Attempt:
    told = story()
    world = told.world

    person = passkey_hands.holder(told, passkeys.Passkey())
    passkey_hands.noted(
        told,
        person,
        lambda key, message: key.signature(
            message, authenticator_data=key.authenticator_data(rp_id="elsewhere.test")
        ),
    )
    return published(world, C.PASSKEY_RP)
