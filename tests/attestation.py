"""What an authenticator in software hands in when it makes a passkey: attestation object and browser's message."""

from __future__ import annotations

import json
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from custody.proof import digests
from tests.proof.passkeys import ATTESTED, BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Passkey


def registration(passkey: Passkey, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Answer the options as a browser with this authenticator would; what a test changes in its message differs."""
    said = {
        "type": "webauthn.create",
        "challenge": options["challenge"],
        "origin": passkey.site.origin,
        "crossOrigin": False,
    }
    client_data = json.dumps(said | changed).encode()
    attested = authenticator_data(passkey)
    statement = {
        "alg": -7,
        "sig": passkey.sign(attested + digests.sha256(client_data)),
    }
    body = {"fmt": "packed", "attStmt": statement, "authData": attested}
    return {
        "label": "Blue stick",
        "credential": digests.b64url(credential(passkey)),
        "clientDataJSON": digests.b64url(client_data),
        "attestationObject": digests.b64url(cbor2.dumps(body)),
        "transports": ["usb", "nfc", "telepathy"],
    }


def credential(passkey: Passkey) -> bytes:
    return digests.sha256(passkey.spki)[:20]


def authenticator_data(passkey: Passkey) -> bytes:
    flags = PRESENT | VERIFIED | ATTESTED | (ELIGIBLE | BACKED_UP if passkey.synced else 0)
    key = load_der_public_key(passkey.spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    numbers = key.public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    name = credential(passkey)
    more = b"\x01" * 16 + len(name).to_bytes(2, "big") + name + cbor2.dumps(cose)
    return passkey.authenticator_data(flags=flags, more=more)
