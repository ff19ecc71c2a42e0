"""Verify and make signatures: P-256 ("ES256"), Ed25519, ML-DSA-44 (FIPS 204, pure); of passkeys also RSA ("RS256").

P-256 signs as DER ECDSA with SHA-256. ML-DSA-44 is for heads of logs, its context is empty. RS256 is
RSASSA-PKCS1-v1_5 with SHA-256, which the passkeys of many office computers still use; such keys are verified
only. Which kinds are enrolled for whom is enrolment.py's. Keys travel as SubjectPublicKeyInfo (DER). Does not
know what is signed (envelope.py) or who owns a key (records.py), and does not store keys (keyfile.py).
"""

from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from . import digests
from .errors import MalformedError, SignatureError

_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey
_PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | mldsa.MLDSA44PublicKey | rsa.RSAPublicKey


# The coordinate y of an Ed25519 point is below this prime; points with these y have an order of at most 8.
_P = 2**255 - 19
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})
# FIPS 186-5 wants 2,048 bits at least; the upper limit keeps one verification short.
_RSA_BITS = (2048, 4096)
_RSA_EXPONENT = 65_537


class Algorithm(StrEnum):
    ES256 = "ES256"
    ED25519 = "Ed25519"
    ML_DSA_44 = "ML-DSA-44"
    RS256 = "RS256"


def algorithm_of(spki: bytes) -> Algorithm:
    """Tell which algorithm a public key is for. Raises MalformedError for any other kind of key."""
    return _algorithm(_load_public(spki))


def verify(spki: bytes, sig: bytes, message: bytes) -> None:
    """Return if the key signed the message. Raises SignatureError if not, or for an unknown kind of key."""
    try:
        key = _load_public(spki)
    except MalformedError as error:
        raise SignatureError(str(error)) from error
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(sig, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(sig, message, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(sig, message)
    except InvalidSignature as error:
        raise SignatureError("A signature does not verify.") from error


class SigningKey:
    """A private key held by this process: of a service, of the log, or of a person's own client."""

    def __init__(self, private: _PrivateKey) -> None:
        self._private = private
        self.spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.alg = algorithm_of(self.spki)
        self.keyid = digests.keyid(self.spki)

    @classmethod
    def generate(cls, alg: str = Algorithm.ES256) -> "SigningKey":
        """Make a fresh key."""
        if Algorithm(alg) is Algorithm.RS256:
            raise ValueError("RSA keys are made by passkeys only")
        if Algorithm(alg) is Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        if Algorithm(alg) is Algorithm.ML_DSA_44:
            return cls(mldsa.MLDSA44PrivateKey.generate())
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> "SigningKey":
        """Read an unencrypted private key. Raises MalformedError if it is of another kind."""
        try:
            private = load_der_private_key(der, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise MalformedError("The private key cannot be read.") from error
        if not isinstance(private, _PrivateKey):
            raise MalformedError("The private key is neither P-256 nor Ed25519 nor ML-DSA-44.")
        return cls(private)

    def to_pkcs8(self) -> bytes:
        """Write the private key, unencrypted: for keyfile.wrap or a file only its owner can read."""
        return self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        """Sign the message."""
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(message, ec.ECDSA(hashes.SHA256()))
        return self._private.sign(message)


def raw_public(spki: bytes) -> bytes:
    """Give the bare key of an Ed25519 or ML-DSA-44 SubjectPublicKeyInfo, as note keys carry it."""
    key = _load_public(spki)
    if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise TypeError("P-256 and RSA keys have no bare form here")
    return key.public_bytes_raw()


def spki_of(alg: Algorithm, raw: bytes) -> bytes:
    """Give the SubjectPublicKeyInfo of a bare Ed25519 or ML-DSA-44 key. Raises MalformedError."""
    key: _PublicKey
    try:
        if alg is Algorithm.ED25519:
            key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
        elif alg is Algorithm.ML_DSA_44:
            key = mldsa.MLDSA44PublicKey.from_public_bytes(raw)
        else:
            raise TypeError("a P-256 key has no bare form here")
    except ValueError as error:
        raise MalformedError("A public key has the wrong length.") from error
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _load_public(spki: bytes) -> _PublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError("A public key cannot be read.") from error
    if not isinstance(key, _PublicKey):
        raise MalformedError("A public key is neither P-256 nor Ed25519, ML-DSA-44 or RSA.")
    _algorithm(key)
    # A key id is the hash of these bytes, so a key must not have a second spelling.
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        raise MalformedError("A public key is not in its canonical encoding.")
    return key


def _algorithm(key: _PublicKey) -> Algorithm:
    if isinstance(key, ed25519.Ed25519PublicKey):
        _check_point(key.public_bytes_raw())
        return Algorithm.ED25519
    if isinstance(key, mldsa.MLDSA44PublicKey):
        return Algorithm.ML_DSA_44
    if isinstance(key, rsa.RSAPublicKey):
        if not _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1] or key.public_numbers().e != _RSA_EXPONENT:
            raise MalformedError("An RSA public key is too short, too long or has an unusual exponent.")
        return Algorithm.RS256
    if isinstance(key.curve, ec.SECP256R1):
        return Algorithm.ES256
    raise MalformedError(f"A public key is on the curve {key.curve.name}; only P-256 is accepted.")


def _check_point(raw: bytes) -> None:
    """Refuse keys under which one signature fits many messages: their owner could deny having signed."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)  # the highest bit is the sign of x
    if y >= _P or y in _SMALL_ORDER:
        raise MalformedError("An Ed25519 public key is of small order or not in its canonical encoding.")
