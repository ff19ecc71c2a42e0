"""What a passkey signed for another record is put under this one."""

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
    passkey_hands.noted(told, person, lambda key, message: key.signature(b"another record"))
    return published(world, C.PASSKEY_CHALLENGE)
