"""What a passkey answered when it was enrolled is shown as a signature."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import one_note, said

THREAT = 31
WHO = "administrator of the server"


def attempt() -> Attempt:
    return published(one_note(said(type="webauthn.create")), C.PASSKEY_TYPE)
