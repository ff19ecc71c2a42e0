"""A found security key signs, and nobody enters its PIN."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import made, one_note
from tests.proof.passkeys import PRESENT

THREAT = 31
WHO = "thief of a passkey"


def attempt() -> Attempt:
    return published(one_note(made(flags=PRESENT)), C.PASSKEY_USER)
