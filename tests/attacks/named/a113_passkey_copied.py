"""A passkey that was bound to its device signs as one that can be copied."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import made, one_note
from tests.proof.passkeys import ELIGIBLE, PRESENT, VERIFIED

THREAT = 31
WHO = "thief of a passkey"


def attempt() -> Attempt:
    return published(one_note(made(flags=PRESENT | VERIFIED | ELIGIBLE)), C.PASSKEY_BACKUP)
