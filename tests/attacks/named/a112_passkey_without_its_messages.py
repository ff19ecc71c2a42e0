"""A passkey's key signs without the two messages that say what for."""

from custody.proof import envelope
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import one_note

THREAT = 31
WHO = "thief of a passkey"


def attempt() -> Attempt:
    return published(
        one_note(lambda key, message: envelope.Signature(key.keyid, key.sign(message))), C.PASSKEY_FORM
    )
