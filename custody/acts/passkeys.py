"""Take in passkeys: what a browser needs to make one, and what it hands in afterwards.

That the holder has the passkey is proven later, on the record that enrols it (keys.py), where every verifier
can see it. Here the authenticator's attestation is read, and its hash kept for that record.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core import signing
from webauthn import verify_registration_response
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration

from custody.accounts.models import KeyState, Person, SigningKey
from custody.acts.fields import Fields
from custody.acts.keys import admit
from custody.errors import ConflictError, InvalidError
from custody.ledger import sites
from custody.proof import digests, passkey, signatures
from custody.proof.errors import MalformedError
from custody.proof.passkey import Site
from custody.proof.records import KeyKind

# In the order of preference; what every verifier of the format knows.
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# Long enough to fetch a security key from the drawer.
LIFETIME_SECONDS = 600
# Attestation objects with the certificates of a TPM have some 6 kB.
MAX_OBJECT = 24_000
MAX_TRANSPORTS = 8
# Web Authentication, section 5.8.4.
TRANSPORTS = frozenset({"ble", "hybrid", "internal", "nfc", "smart-card", "usb"})

_SIGNER = signing.TimestampSigner(salt="custody.passkey")


def options(person: Person, origin: str, now: datetime) -> dict[str, Any]:
    """Return what the browser makes a passkey by, for a page of this origin."""
    site = _site(origin)
    known = SigningKey.objects.filter(person=person, passkey__isnull=False).exclude(state=KeyState.REVOKED)
    # The challenge says for whom it was made and when, so nothing has to be remembered.
    challenge = _SIGNER.sign(f"{person.uuid}.{secrets.token_hex(16)}").encode("ascii")
    return {
        "rp": {"id": site.rp_id, "name": "Unbroken"},
        # Random, and says nothing: authenticators hand it out.
        "user": {
            "id": digests.b64url(person.uuid.bytes),
            "name": person.username,
            "displayName": person.name,
        },
        "challenge": digests.b64url(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": int(alg)} for alg in ALGORITHMS],
        "timeout": LIFETIME_SECONDS * 1000,
        "excludeCredentials": [
            {"type": "public-key", "id": key.passkey["credential"], "transports": key.passkey["transports"]}
            for key in known
            if key.passkey
        ],
        "authenticatorSelection": {"userVerification": "required", "residentKey": "discouraged"},
        "attestation": "direct",
    }


def request(person: Person, params: dict[str, Any], now: datetime) -> SigningKey:
    """Keep the public half of a passkey that a person made, until an administrator enrols it."""
    fields = Fields(params)
    label = fields.text("label", "The label", most=80, required=False)
    credential = fields.text("credential", "The passkey's id", most=1400)
    client_data = fields.text("clientDataJSON", "The browser's message", most=6000)
    attestation = fields.text("attestationObject", "The attestation", most=MAX_OBJECT)
    fields.done()
    response = {"clientDataJSON": client_data, "attestationObject": attestation}
    made, site = _verified(person, credential, response)
    spki = _spki(made)
    keyid = digests.keyid(spki)
    admit(person, keyid)
    return SigningKey.objects.create(
        keyid=keyid,
        person=person,
        alg=str(signatures.algorithm_of(spki)),
        spki=spki,
        kind=KeyKind.WEBAUTHN,
        label=label,
        passkey={
            "credential": digests.b64url(made.credential_id),
            "transports": _transports(params.get("transports")),
            "rp": site.rp_id,
            "backup_eligible": made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            "backed_up": made.credential_backed_up,
        },
        attestation=made.attestation_object,
        requested=now,
    )


def _site(origin: str) -> Site:
    found = next((site for site in sites.stated() if site.origin == origin), None)
    if found is None:
        text = f"The custody log does not state that passkeys may be used on {origin}."
        raise ConflictError(text, code="passkey_site")
    return found


def _verified(person: Person, credential: str, response: dict[str, str]) -> tuple[VerifiedRegistration, Site]:
    try:
        said = passkey.read_client_data(digests.unb64url(response["clientDataJSON"]))
        challenge = digests.unb64url(str(said["challenge"]))
        _check_challenge(person, challenge)
        if said.get("crossOrigin", False) or "topOrigin" in said:
            raise MalformedError("It was made inside a page of somebody else.")
        site = _site(str(said["origin"]))
        made = verify_registration_response(
            credential={"id": credential, "rawId": credential, "type": "public-key", "response": response},
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        if digests.b64url(made.credential_id) != credential:
            raise MalformedError("The attestation is of another passkey.")
    # The library parses CBOR and certificates of whoever sends them, and lets their errors through.
    except (
        MalformedError,
        WebAuthnException,
        signing.BadSignature,
        ValueError,
        TypeError,
        KeyError,
    ) as error:
        text = f"The passkey was not accepted: {error}"
        raise InvalidError(text, fields={"passkey": "Make the passkey again."}, code="passkey") from error
    return made, site


def _check_challenge(person: Person, challenge: bytes) -> None:
    said = _SIGNER.unsign(challenge.decode("ascii"), max_age=LIFETIME_SECONDS)
    if uuid.UUID(said.split(".")[0]) != person.uuid:
        raise MalformedError("It was begun by somebody else.")


def _spki(made: VerifiedRegistration) -> bytes:
    key = decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        signatures.algorithm_of(spki)
    except MalformedError as error:
        raise InvalidError(f"The passkey's key cannot be used: {error}", code="passkey") from error
    return spki


def _transports(value: Any) -> list[str]:
    """Keep what helps the browser to find the authenticator again; the rest is of no use."""
    given = value if isinstance(value, list) else []
    return sorted({word for word in given[:MAX_TRANSPORTS] if isinstance(word, str)} & TRANSPORTS)
