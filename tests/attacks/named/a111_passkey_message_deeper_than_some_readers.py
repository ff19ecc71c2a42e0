"""The browser's message is nested so deep that some readers give up and others do not."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.bad_passkeys import one_note

THREAT = 31
WHO = "custodian with a browser of their own"


def attempt() -> Attempt:
    world = one_note(
        lambda key, message: key.signature(
            message, client_data=key.client_data(message)[:-1] + b',"more":' + b"[" * 100 + b"]" * 100 + b"}"
        )
    )
    return published(world, C.PASSKEY_MALFORMED)
