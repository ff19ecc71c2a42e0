"""A page of somebody else has the passkey sign."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import one_note, said

THREAT = 31
WHO = "page of somebody else"


def attempt() -> Attempt:
    return published(one_note(said(origin="https://evidence.example")), C.PASSKEY_ORIGIN)
