"""Signatures of both key kinds, against Project Wycheproof and against keys that are no proper keys."""

import gzip
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from custody.proof import digests, signatures
from custody.proof.errors import MalformedError, SignatureError
from custody.proof.signatures import Algorithm, SigningKey
from tests import corpus

P = 2**255 - 19


@pytest.mark.parametrize(("name", "count"), [("ed25519", 151), ("ecdsa_secp256r1_sha256", 484)])
def test_all_wycheproof_verdicts_are_ours(name: str, count: int) -> None:
    with gzip.open(corpus.path(f"vectors/wycheproof/{name}_test.json.gz")) as file:
        groups = json.load(file)["testGroups"]
    wrong, seen = [], 0
    for group in groups:
        spki = bytes.fromhex(group["publicKeyDer"])
        for test in group["tests"]:
            seen += 1
            try:
                signatures.verify(spki, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
                verdict = "valid"
            except SignatureError:
                verdict = "invalid"
            if verdict != test["result"]:
                wrong.append((test["tcId"], test["comment"]))
    assert (wrong, seen) == ([], count)


@pytest.mark.parametrize("alg", [Algorithm.ES256, Algorithm.ED25519])
def test_a_signature_verifies_for_its_key_and_message_only(alg: Algorithm) -> None:
    key, other = SigningKey.generate(alg), SigningKey.generate(alg)
    sig = key.sign(b"message")
    signatures.verify(key.spki, sig, b"message")
    for spki, wrong, message in (
        (other.spki, sig, b"message"),
        (key.spki, sig, b"messagf"),
        (key.spki, sig[:-1], b"message"),
        (key.spki, sig + b"\x00", b"message"),
        (key.spki, b"", b"message"),
    ):
        with pytest.raises(SignatureError):
            signatures.verify(spki, wrong, message)


@pytest.mark.parametrize("alg", [Algorithm.ES256, Algorithm.ED25519])
def test_a_key_is_read_back_from_pkcs8(alg: Algorithm) -> None:
    key = SigningKey.generate(alg)
    again = SigningKey.from_pkcs8(key.to_pkcs8())
    assert (again.alg, again.spki, again.keyid) == (alg, key.spki, digests.keyid(key.spki))
    signatures.verify(key.spki, again.sign(b"message"), b"message")


def test_rsa_keys_of_passkeys_are_verified_and_never_made() -> None:
    private = rsa.generate_private_key(65537, 2048)
    spki = _spki(private.public_key())
    assert signatures.algorithm_of(spki) is Algorithm.RS256
    sig = private.sign(b"message", padding.PKCS1v15(), SHA256())
    signatures.verify(spki, sig, b"message")
    for wrong, message in ((sig, b"messagf"), (sig[:-1], b"message"), (b"", b"message")):
        with pytest.raises(SignatureError):
            signatures.verify(spki, wrong, message)
    with pytest.raises(SignatureError):
        pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
        signatures.verify(spki, private.sign(b"message", pss, SHA256()), b"message")
    with pytest.raises(ValueError, match="passkeys only"):
        SigningKey.generate(Algorithm.RS256)


def test_p256_is_the_usual_kind_of_key() -> None:
    assert SigningKey.generate().alg is Algorithm.ES256


def _spki_of_compressed_point() -> bytes:
    """Spell a P-256 key with a compressed point: the same key under another key id."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point


def _spki(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        b"not a key",
        SigningKey.generate().spki + b"\x00",
        _spki_of_compressed_point(),
        _spki(ec.generate_private_key(ec.SECP384R1()).public_key()),
        _spki(ec.generate_private_key(ec.SECP256K1()).public_key()),
        _spki(rsa.generate_private_key(65537, 1024).public_key()),
        _spki(rsa.generate_private_key(3, 2048).public_key()),
    ],
)
def test_keys_of_other_kinds_and_spellings_verify_nothing(spki: bytes) -> None:
    with pytest.raises(MalformedError):
        signatures.algorithm_of(spki)
    with pytest.raises(SignatureError):
        signatures.verify(spki, b"signature", b"message")


def _ed25519_spki(y: int, sign: int) -> bytes:
    return bytes.fromhex("302a300506032b6570032100") + (y | sign << 255).to_bytes(32, "little")


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [0, 1, P - 1, P, P + 1, P + 18, signatures._Y8, P - signatures._Y8])
def test_ed25519_keys_under_which_anything_is_signed_are_refused(y: int, sign: int) -> None:
    with pytest.raises(MalformedError, match="small order"):
        signatures.algorithm_of(_ed25519_spki(y, sign))


def test_a_key_of_small_order_would_indeed_accept_one_signature_for_every_message() -> None:
    # What the check above is for: under the neutral point, R = neutral and S = 0 fit every message.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    neutral = (1).to_bytes(32, "little")
    key = Ed25519PublicKey.from_public_bytes(neutral)
    key.verify(neutral + bytes(32), b"I took the exhibit.")
    key.verify(neutral + bytes(32), b"I never saw the exhibit.")


def test_the_refused_coordinate_is_one_of_order_eight() -> None:
    y = signatures._Y8
    d = -121665 * pow(121666, -1, P) % P
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    # Doubling: y' = (y² + x²) / (2 - (y² - x²)) on -x² + y² = 1 + d·x²·y². Order 8 means 4P has y = -1.
    for expected in (0, P - 1):
        y_new = (y * y + x_squared) * pow(2 + x_squared - y * y, -1, P) % P
        assert y_new == expected
        y, x_squared = y_new, (y_new * y_new - 1) * pow(d * y_new * y_new + 1, -1, P) % P


def test_private_keys_of_other_kinds_are_refused() -> None:
    other = rsa.generate_private_key(65537, 2048)
    der = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data in (der, b"", b"not a key"):
        with pytest.raises(MalformedError):
            SigningKey.from_pkcs8(data)
    with pytest.raises(MalformedError):
        SigningKey(ec.generate_private_key(ec.SECP384R1()))
