"""Lock a private key with a passphrase into a small JSON file, and open it again.

The browser makes the same file with WebCrypto (PBKDF2, AES-GCM, PKCS#8) and the server stores it without
being able to open it. The passphrase is taken as the UTF-8 bytes of its NFC form; in a browser:
`new TextEncoder().encode(passphrase.normalize("NFC"))`. Does not judge whether a passphrase is good.
"""

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from . import digests, members
from .canonical import JSON
from .errors import MalformedError, WrongPassphraseError
from .signatures import SigningKey, algorithm_of

FORMAT = "unbroken.key/v1"
ITERATIONS = 600_000
# A file from outside must neither be weaker than ours nor keep this process busy for hours.
MAX_ITERATIONS = 10_000_000
_SALT_SIZE = 16
_NONCE_SIZE = 12
# A P-256 or Ed25519 key in PKCS#8 has fewer than 200 bytes.
_MAX_WRAPPED = 1024


def wrap(key: SigningKey, passphrase: str) -> dict[str, JSON]:
    """Lock the key. The key id is bound in, so that files cannot be exchanged for one another."""
    salt, nonce = os.urandom(_SALT_SIZE), os.urandom(_NONCE_SIZE)
    cipher = AESGCM(_derive(passphrase, salt, ITERATIONS))
    return {
        "format": FORMAT,
        "keyid": key.keyid,
        "alg": str(key.alg),
        "spki": digests.b64(key.spki),
        "kdf": {"name": "PBKDF2-SHA256", "salt": digests.b64(salt), "iterations": ITERATIONS},
        "cipher": {"name": "AES-256-GCM", "nonce": digests.b64(nonce)},
        "wrapped": digests.b64(cipher.encrypt(nonce, key.to_pkcs8(), key.keyid.encode("ascii"))),
    }


def unwrap(keyfile: Mapping[str, JSON], passphrase: str) -> SigningKey:
    """Open the key file. Raises WrongPassphraseError, or MalformedError if it is not a key file."""
    locked = _read(keyfile)
    cipher = AESGCM(_derive(passphrase, locked.salt, locked.iterations))
    try:
        der = cipher.decrypt(locked.nonce, locked.wrapped, locked.keyid.encode("ascii"))
    except InvalidTag as error:
        raise WrongPassphraseError("The passphrase does not open this key file.") from error
    key = SigningKey.from_pkcs8(der)
    if key.keyid != locked.keyid:
        raise MalformedError("The key inside a key file is not the one it is labelled with.")
    return key


def check(keyfile: Mapping[str, JSON]) -> None:
    """Raise MalformedError unless this is a whole key file; for a server, which cannot open it."""
    _read(keyfile)


@dataclass(frozen=True)
class _Locked:
    keyid: str
    salt: bytes
    iterations: int
    nonce: bytes
    wrapped: bytes


def _read(keyfile: Mapping[str, JSON]) -> _Locked:
    names = ("format", "keyid", "alg", "spki", "kdf", "cipher", "wrapped")
    parts = members.exactly(keyfile, names, "key file")
    kdf = members.exactly(parts["kdf"], ("name", "salt", "iterations"), "kdf of a key file")
    cipher = members.exactly(parts["cipher"], ("name", "nonce"), "cipher of a key file")
    if (parts["format"], kdf["name"], cipher["name"]) != (FORMAT, "PBKDF2-SHA256", "AES-256-GCM"):
        raise MalformedError("A key file is of another format.")
    locked = _Locked(
        keyid=members.keyid(parts["keyid"], "key id of a key file"),
        salt=members.data(kdf["salt"], "salt of a key file"),
        iterations=members.count(kdf["iterations"], "number of iterations in a key file"),
        nonce=members.data(cipher["nonce"], "nonce of a key file"),
        wrapped=members.data(parts["wrapped"], "wrapped key of a key file"),
    )
    if not ITERATIONS <= locked.iterations <= MAX_ITERATIONS:
        raise MalformedError(
            f"A key file has fewer than {ITERATIONS} or more than {MAX_ITERATIONS} iterations."
        )
    if (
        len(locked.salt) != _SALT_SIZE
        or len(locked.nonce) != _NONCE_SIZE
        or len(locked.wrapped) > _MAX_WRAPPED
    ):
        raise MalformedError("The salt, the nonce or the wrapped key of a key file has the wrong length.")
    spki = members.data(parts["spki"], "public key of a key file")
    if algorithm_of(spki) != parts["alg"] or digests.keyid(spki) != locked.keyid:
        raise MalformedError("The key id or the algorithm of a key file is not that of its public key.")
    return locked


def _derive(passphrase: str, salt: bytes, iterations: int) -> bytes:
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=iterations)
    return kdf.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8"))
