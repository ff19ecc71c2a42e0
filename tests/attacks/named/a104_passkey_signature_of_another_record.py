"""What a passkey signed for another record is put under this one."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import one_note

THREAT = 31
WHO = "administrator of the server"


def attempt() -> Attempt:
    return published(one_note(lambda key, message: key.signature(b"another record")), C.PASSKEY_CHALLENGE)
