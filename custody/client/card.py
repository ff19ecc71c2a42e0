"""Sign with a key on a card or token: PIV cards and anything else with a PKCS#11 module; P-256 only.

The key never leaves the card, which asks for its PIN. The profile keeps where it is: module, token, label, and
its public half, so that another card in the reader is noticed. Needs the extra `pkcs11` (python-pkcs11).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from custody.proof import digests, signatures
from custody.proof.errors import ProofError
from custody.proof.signatures import Algorithm

from .errors import ClientError, ProfileError
from .profile import Profile
from .server import Answer

_HALF = 32  # of a P-256 signature as cards give it: r || s
# What a person can do about it; the module's own words say the rest.
_ADVICE = {
    "NoSuchToken": "No card or token of that name is in a reader.",
    "TokenNotPresent": "There is no card in the reader.",
    "NoSuchKey": "There is no such key on the card.",
    "MultipleObjectsReturned": "The card has several keys of that label.",
    "PinIncorrect": "The PIN is wrong. After some wrong ones the card locks itself.",
    "PinLenRange": "The PIN is too short or too long.",
    "PinLocked": "The card is locked after too many wrong PINs; whoever issued it can unlock it.",
    "DeviceRemoved": "The card was taken out.",
}


class CardKey:
    """A key on a card, for as long as its session is open; it signs like a key of this process."""

    def __init__(self, private: Any, spki: bytes) -> None:  # Any: the library has no types
        self._private = private
        self.spki = spki
        self.alg = Algorithm.ES256
        self.keyid = digests.keyid(spki)

    def sign(self, message: bytes) -> bytes:
        """Have the card sign. Raises ClientError, also if what it gives is not a signature of its key."""
        pkcs11 = _library()
        with _told():
            # Cards sign hashes; not all of them hash.
            raw = self._private.sign(digests.sha256(message), mechanism=pkcs11.Mechanism.ECDSA)
        sig = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        try:
            signatures.verify(self.spki, sig, message)
        except ProofError as error:
            raise ClientError("The card's signature does not verify under its own public key.") from error
        return sig


def choose(profile: Profile, *, module: str, token: str, label: str) -> str:
    """Use this key from now on; its public half is read from the card. Gives its key id."""
    with _session(module, token, None) as session:
        spki = _public(session, label)
    try:
        if signatures.algorithm_of(spki) is not Algorithm.ES256:
            raise ClientError("The key on the card is not on the curve P-256.")
    except ProofError as error:
        raise ClientError(f"The key on the card cannot be used: {error}") from error
    keyid = digests.keyid(spki)
    profile.write(
        f"keys/{keyid}.card.json",
        {
            "keyid": keyid,
            "alg": str(Algorithm.ES256),
            "spki": digests.b64(spki),
            "module": module,
            "token": token,
            "label": label,
        },
    )
    return keyid


@contextmanager
def opened(settings: Answer, pin: str) -> Iterator[CardKey]:
    """Open the key with the card's PIN. Raises ClientError, ProfileError if it is another key than chosen."""
    module, token, label = (str(settings.get(name, "")) for name in ("module", "token", "label"))
    pkcs11 = _library()
    with _session(module, token, pin) as session:
        spki = _public(session, label)
        if digests.b64(spki) != settings.get("spki"):
            raise ProfileError("The card holds another key under this label than the one this profile uses.")
        with _told():
            private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
        yield CardKey(private, spki)


@contextmanager
def _session(module: str, token: str, pin: str | None) -> Iterator[Any]:
    pkcs11 = _library()
    try:
        library = pkcs11.lib(module)
    except RuntimeError as error:
        raise ClientError(f"The PKCS#11 module {module} cannot be loaded: {error}.") from error
    with _told():
        session = library.get_token(token_label=token).open(user_pin=pin)
    try:
        yield session
    finally:
        session.close()


def _public(session: Any, label: str) -> bytes:
    from pkcs11.util.ec import encode_ec_public_key

    pkcs11 = _library()
    with _told():
        key = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
        if key.key_type is not pkcs11.KeyType.EC:
            raise ClientError("The key on the card is not an elliptic-curve key.")
        return bytes(encode_ec_public_key(key))


@contextmanager
def _told() -> Iterator[None]:
    """Say in words what the module says in codes."""
    try:
        yield
    except _library().PKCS11Error as error:
        name = type(error).__name__
        raise ClientError(f"{_ADVICE.get(name, 'The card did not do it.')} ({name})") from error


def _library() -> Any:
    """Give the library, or say how to get it: only who has a card needs it."""
    try:
        import pkcs11
    except ImportError as error:
        raise ClientError(
            "Keys on cards need python-pkcs11; install Unbroken with the extra `pkcs11`."
        ) from error
    return pkcs11
