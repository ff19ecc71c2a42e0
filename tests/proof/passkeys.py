"""An authenticator in software, which answers as browsers and security keys do, or wrongly where a test asks.

It writes clientDataJSON as section 5.8.1.1 of Web Authentication orders its members.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from custody.proof import digests, signatures
from custody.proof.enrolment import PasskeyFacts
from custody.proof.envelope import Signature
from custody.proof.passkey import Assertion, Site

SITE = Site("evidence.test", "https://custody.evidence.test")
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class Passkey:
    """A key in an authenticator, made on a page of this site; synced ones can be copied to other devices."""

    def __init__(self, private: Private | None = None, *, site: Site = SITE, synced: bool = False) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())
        self.site, self.synced = site, synced
        self.spki = self._private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.alg = signatures.algorithm_of(self.spki)
        self.keyid = digests.keyid(self.spki)
        self.facts = PasskeyFacts(
            digests.sha256(b"an attestation object"), backup_eligible=synced, backed_up=synced
        )

    def client_data(self, message: bytes, **changed: Any) -> bytes:
        """What the browser writes; members that are changed to None are left out."""
        said = {
            "type": "webauthn.get",
            "challenge": digests.b64url(digests.sha256(message)),
            "origin": self.site.origin,
            "crossOrigin": False,
        } | changed
        kept = {name: value for name, value in said.items() if value is not None}
        return json.dumps(kept, separators=(",", ":")).encode()

    def authenticator_data(
        self, *, rp_id: str = "", flags: int | None = None, counter: int = 7, more: bytes = b""
    ) -> bytes:
        usual = PRESENT | VERIFIED | (ELIGIBLE | BACKED_UP if self.synced else 0)
        hashed = digests.sha256((rp_id or self.site.rp_id).encode())
        return hashed + bytes([usual if flags is None else flags]) + counter.to_bytes(4, "big") + more

    def signature(
        self, message: bytes, *, client_data: bytes | None = None, authenticator_data: bytes | None = None
    ) -> Signature:
        """Sign: truly, over whatever messages the test hands in."""
        assertion = Assertion(
            self.authenticator_data() if authenticator_data is None else authenticator_data,
            self.client_data(message) if client_data is None else client_data,
        )
        return Signature(self.keyid, self.sign(assertion.signed_bytes()), assertion)

    def sign(self, data: bytes) -> bytes:
        """Sign bytes as they are, which no authenticator does."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.sign(data)
        if isinstance(self._private, rsa.RSAPrivateKey):
            return self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._private.sign(data, ec.ECDSA(hashes.SHA256()))
