"""A passkey of another domain signs on the true page."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import made, one_note

THREAT = 31
WHO = "page of somebody else"


def attempt() -> Attempt:
    return published(one_note(made(rp_id="elsewhere.test")), C.PASSKEY_RP)
