"""A person's signature: which of their keys may sign now, and whether it verifies over the bytes of a draft."""

from __future__ import annotations

from custody.accounts.models import KeyState, Person, SigningKey
from custody.errors import InvalidError, NotAllowedError, NotFoundError
from custody.ledger import sites
from custody.proof import envelope, records, signers
from custody.proof.errors import SignatureError
from custody.proof.passkey import PasskeyError


def registered_key(person: Person, keyid: str) -> SigningKey:
    """Return the person's key if it may sign now; the words say what to do otherwise."""
    key = SigningKey.objects.filter(pk=keyid, person=person).first()
    if key is None:
        raise NotFoundError("The signing key")
    if key.state == KeyState.REVOKED:
        raise NotAllowedError(
            "This signing key was revoked; make a new one and have it enrolled.", code="key_revoked"
        )
    if key.state != KeyState.REGISTERED:
        raise NotAllowedError(
            "This signing key is not enrolled yet; an administrator has to enrol it.", code="key_new"
        )
    return key


def verified(key: SigningKey, signature: envelope.Signature, payload: bytes) -> envelope.Signature:
    """Return the signature if it is this key's over the payload. Raises InvalidError."""
    message = envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)
    try:
        signers.verify_one(key.enrolled(), signature, message, sites.stated())
    except PasskeyError as error:
        raise InvalidError(
            f"The passkey's signature is not accepted. {error}", code="bad_signature"
        ) from error
    except SignatureError as error:
        raise InvalidError("The signature does not verify over this draft.", code="bad_signature") from error
    return signature
