"""Verify the signatures of a record, each in the way of its key's kind.

Software and service keys sign the signing input (PAE) itself. A passkey signs two messages that carry its
hash, and only on pages that the log has stated (stated_policy.py).
Whether these are the right signers is countersigned.py's to say, whether they counted verify_records.py's.
"""

from collections.abc import Sequence

from . import passkey, signatures
from .enrolment import EnrolledKey
from .envelope import Envelope, Signature
from .errors import SignatureError
from .keyring import Keyring
from .passkey import Flaw, PasskeyError, Site
from .records import KeyKind


def verify_signers(envelope: Envelope, keyring: Keyring, sites: Sequence[Site]) -> None:
    """Return if every listed signature verifies under the registered key of its key id.

    Raises SignatureError, also for a key that was never registered: a signature nobody can check is none.
    """
    for signature in envelope.signatures:
        history = keyring.find(signature.keyid)
        if history is None:
            raise SignatureError(f"The key {signature.keyid} is not known.")
        verify_one(history.key, signature, envelope.signed_bytes(), sites)


def verify_one(key: EnrolledKey, signature: Signature, message: bytes, sites: Sequence[Site]) -> None:
    """Return if the key made this signature over the message. Raises PasskeyError or SignatureError."""
    if key.kind is not KeyKind.WEBAUTHN or key.passkey is None:
        if signature.assertion is not None:
            raise PasskeyError(Flaw.FORM, f"The key {key.keyid} is no passkey, but signed as one.")
        signatures.verify(key.spki, signature.sig, message)
    elif signature.assertion is None:
        raise PasskeyError(Flaw.FORM, f"The passkey {key.keyid} signed without its two messages.")
    else:
        passkey.check(
            signature.assertion,
            signature.sig,
            spki=key.spki,
            message=message,
            sites=sites,
            backup_eligible=key.passkey.backup_eligible,
        )
