"""What a passkey answered when it was enrolled is shown as a signature."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import passkeys
from tests.proof.world import story

THREAT = 31
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    person = passkey_hands.holder(told, passkeys.Passkey())
    passkey_hands.noted(
        told,
        person,
        lambda key, message: key.signature(
            message, client_data=key.client_data(message, type="webauthn.create")
        ),
    )
    return published(world, C.PASSKEY_TYPE)
