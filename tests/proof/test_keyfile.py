"""A private key behind a passphrase, in the form that browsers make too."""

import copy
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from custody.proof import digests, keyfile, signatures
from custody.proof.errors import MalformedError, WrongPassphraseError
from custody.proof.signatures import Algorithm, SigningKey

PASSPHRASE = "correct horse, batterie agrafée"
KEY = SigningKey.generate()
FILE = keyfile.wrap(KEY, PASSPHRASE)


@pytest.mark.parametrize("alg", [Algorithm.ES256, Algorithm.ED25519])
def test_a_key_comes_out_as_it_went_in(alg: Algorithm) -> None:
    key = SigningKey.generate(alg)
    written = json.loads(json.dumps(keyfile.wrap(key, PASSPHRASE)))
    assert keyfile.unwrap(written, PASSPHRASE).to_pkcs8() == key.to_pkcs8()
    assert (written["keyid"], written["alg"]) == (key.keyid, str(alg))


def test_a_key_file_made_by_webcrypto_opens_here() -> None:
    vector = json.loads((Path(__file__).parents[1] / "vectors/keyfile.json").read_bytes())
    key = keyfile.unwrap(vector["keyfile"], vector["passphrase"])
    signatures.verify(key.spki, key.sign(b"message"), b"message")
    assert key.keyid == vector["keyfile"]["keyid"]


def test_the_wrong_passphrase_is_said_to_be_wrong() -> None:
    with pytest.raises(WrongPassphraseError):
        keyfile.unwrap(FILE, PASSPHRASE + " ")


def test_the_spelling_of_an_accent_does_not_matter() -> None:
    assert unicodedata.normalize("NFD", PASSPHRASE) != PASSPHRASE
    assert keyfile.unwrap(FILE, unicodedata.normalize("NFD", PASSPHRASE)).keyid == KEY.keyid


def test_a_key_file_does_not_hold_the_key_in_the_open() -> None:
    assert keyfile.wrap(KEY, PASSPHRASE)["wrapped"] != FILE["wrapped"]  # fresh salt and nonce each time
    assert KEY.to_pkcs8().hex() not in json.dumps(FILE).encode().hex()


def _changed(place: str, value: object) -> dict[str, Any]:
    changed: Any = copy.deepcopy(FILE)
    *path, last = place.split(".")
    inner = changed
    for name in path:
        inner = inner[name]
    inner[last] = value
    return changed  # type: ignore[no-any-return]


OTHER = SigningKey.generate()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("format", "unbroken.key/v2"),
        ("extra", "member"),
        ("keyid", OTHER.keyid),
        ("keyid", "short"),
        ("alg", "Ed25519"),
        ("alg", 7),
        ("spki", "AAAA"),
        ("kdf", []),
        ("kdf.name", "PBKDF2-SHA1"),
        ("kdf.iterations", keyfile.ITERATIONS - 1),
        ("kdf.iterations", keyfile.MAX_ITERATIONS + 1),
        ("kdf.iterations", True),
        ("kdf.salt", "AAAA"),
        ("cipher.name", "AES-128-GCM"),
        ("cipher.nonce", "AAAA"),
        ("wrapped", "A" * 4096),
        ("wrapped", None),
    ],
)
def test_what_is_not_a_whole_key_file_is_refused_without_a_passphrase(place: str, value: object) -> None:
    with pytest.raises(MalformedError):
        keyfile.check(_changed(place, value))


def _labelled_as(other: SigningKey, keyfile_json: dict[str, Any]) -> dict[str, Any]:
    return keyfile_json | {"keyid": other.keyid, "spki": digests.b64(other.spki)}


def test_a_key_file_relabelled_as_another_persons_does_not_open() -> None:
    relabelled = _labelled_as(OTHER, dict(FILE))
    keyfile.check(relabelled)
    with pytest.raises(WrongPassphraseError):
        keyfile.unwrap(relabelled, PASSPHRASE)


def test_a_key_file_made_with_another_key_inside_does_not_open() -> None:
    key = SigningKey.from_pkcs8(KEY.to_pkcs8())
    key.keyid, key.spki = OTHER.keyid, OTHER.spki  # as a hostile program could write it
    with pytest.raises(MalformedError, match="labelled"):
        keyfile.unwrap(keyfile.wrap(key, PASSPHRASE), PASSPHRASE)
