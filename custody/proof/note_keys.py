"""Sign notes and verify their signatures, with the kinds of keys that C2SP assigns to logs and witnesses.

    type  key                 of whom           signs
    0x01  Ed25519             log               the text of the note
    0x02  P-256               log, under FIPS   the text of the note (DER ECDSA with SHA-256)
    0x04  Ed25519             witness           "cosignature/v1", the time, the text of the note
    0x06  ML-DSA-44           witness, log      name of the cosigner, time, origin, size and root of the head

The sources are C2SP signed-note and tlog-cosignature. The last two are *cosignatures*: they state when their
holder saw this head as the newest of the log. Whose key counts for what is the policy's (policy.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from . import digests, signatures
from .checkpoint import Note, NoteSignature, check_name, parse_checkpoint, parse_note
from .errors import MalformedError, SignatureError
from .signatures import Algorithm, SigningKey

# Vectors of the ML-DSA message carry their length in one byte (tlog-cosignature, cosigned_message).
MAX_COSIGNED_NAME = 255
MAX_TIME = 2**63 - 1
_TIME_SIZE = 8
_SIGNATURE_SIZE = {Algorithm.ED25519: 64, Algorithm.ML_DSA_44: 2420}


class NoteKind(IntEnum):
    """The byte that C2SP assigns to a kind of note signature."""

    ED25519 = 0x01
    ECDSA = 0x02
    COSIGNATURE = 0x04
    ML_DSA_COSIGNATURE = 0x06

    @property
    def algorithm(self) -> Algorithm:
        return _ALGORITHM[self]


_ALGORITHM = {
    NoteKind.ED25519: Algorithm.ED25519,
    NoteKind.ECDSA: Algorithm.ES256,
    NoteKind.COSIGNATURE: Algorithm.ED25519,
    NoteKind.ML_DSA_COSIGNATURE: Algorithm.ML_DSA_44,
}
LOG_KINDS = frozenset({NoteKind.ED25519, NoteKind.ECDSA})
COSIGNATURE_KINDS = frozenset({NoteKind.COSIGNATURE, NoteKind.ML_DSA_COSIGNATURE})


@dataclass(frozen=True)
class NoteKey:
    """The public key of a note signer, written as a vkey: name+hash+base64(type || key).

    `public` is the bare key; for P-256 it is the SubjectPublicKeyInfo.
    """

    name: str
    public: bytes
    kind: NoteKind = NoteKind.ED25519

    @property
    def key_hash(self) -> bytes:
        if self.kind is NoteKind.ECDSA:  # the one kind whose hash has neither name nor type in it
            return digests.sha256(self.public)[:4]
        return digests.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    @property
    def spki(self) -> bytes:
        """Give the key as SubjectPublicKeyInfo: map heads are signed with the log's too."""
        if self.kind is NoteKind.ECDSA:
            return self.public
        return signatures.spki_of(self.kind.algorithm, self.public)

    @property
    def keyid(self) -> str:
        return digests.keyid(self.spki)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{digests.b64(bytes([self.kind]) + self.public)}"

    def verify(self, sig: bytes, text: str) -> int | None:
        """Return if this key signed the text: the time of a cosignature (seconds since 1970), or None.

        Raises SignatureError.
        """
        if self.kind not in COSIGNATURE_KINDS:
            signatures.verify(self.spki, sig, text.encode("utf-8"))
            return None
        if len(sig) != _TIME_SIZE + _SIGNATURE_SIZE[self.kind.algorithm]:
            raise SignatureError("A cosignature has the wrong length.")
        time = int.from_bytes(sig[:_TIME_SIZE], "big")
        try:
            message = cosigned(self, text, time)
        except MalformedError as error:
            raise SignatureError(f"A cosignature cannot be over this text: {error}") from error
        signatures.verify(self.spki, sig[_TIME_SIZE:], message)
        return time


class NoteSigner:
    """The log's name, which is its origin, and the Ed25519 or P-256 key that signs its heads."""

    def __init__(self, name: str, key: SigningKey) -> None:
        check_name(name)
        self._key = key
        if key.alg is Algorithm.ED25519:
            self.public = NoteKey(name, signatures.raw_public(key.spki))
        elif key.alg is Algorithm.ES256:
            self.public = NoteKey(name, key.spki, NoteKind.ECDSA)
        else:
            raise ValueError("notes are signed with Ed25519 or P-256 keys; ML-DSA-44 keys cosign")

    @property
    def vkey(self) -> str:
        return self.public.vkey

    def signature(self, text: str) -> NoteSignature:
        """Sign the text of a note."""
        return NoteSignature(self.public.name, self.public.key_hash, self._key.sign(text.encode()))


class Cosigner:
    """A name and the Ed25519 or ML-DSA-44 key that cosigns heads under it."""

    def __init__(self, name: str, key: SigningKey) -> None:
        check_name(name)
        kinds = {_ALGORITHM[kind]: kind for kind in COSIGNATURE_KINDS}
        if key.alg not in kinds:
            raise ValueError("heads are cosigned with Ed25519 or ML-DSA-44 keys")
        self._key = key
        self.public = NoteKey(name, signatures.raw_public(key.spki), kinds[key.alg])

    @property
    def vkey(self) -> str:
        return self.public.vkey

    def signature(self, text: str, time: int) -> NoteSignature:
        """Cosign a head: at this time (seconds since 1970) it was the newest of its log."""
        sig = self._key.sign(cosigned(self.public, text, time))
        return NoteSignature(self.public.name, self.public.key_hash, time.to_bytes(_TIME_SIZE, "big") + sig)


@dataclass(frozen=True)
class Verified:
    """A signature of a known key that verifies; `time` is what a cosigner states, in seconds since 1970."""

    key: NoteKey
    time: int | None


def cosigned(key: NoteKey, text: str, time: int) -> bytes:
    """Give the bytes that a cosigner signs (tlog-cosignature). Raises MalformedError."""
    if not 0 <= time <= MAX_TIME:
        raise MalformedError("The time of a cosignature is out of range.")
    if key.kind is NoteKind.COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    head = parse_checkpoint(text)
    return b"".join(
        [
            b"subtree/v1\n\x00",
            _vector(key.name),
            time.to_bytes(_TIME_SIZE, "big"),
            _vector(head.origin),
            bytes(8),  # the first leaf of the tree
            head.size.to_bytes(8, "big"),
            head.root,
        ]
    )


def sign_note(text: str, signers: Iterable[NoteSigner]) -> str:
    """Make a signed note."""
    return add_signatures(f"{text}\n", [signer.signature(text) for signer in signers])


def add_signatures(note: str, more: Iterable[NoteSignature]) -> str:
    """Put signature lines behind those that the note has."""
    longer = note + "".join(signature.line() for signature in more)
    parse_note(longer)
    return longer


def verified(note: Note, keys: Sequence[NoteKey]) -> tuple[Verified, ...]:
    """Return what these keys signed; every signature of one of them must verify. Raises SignatureError.

    Signatures of other keys say nothing and are ignored, as C2SP demands.
    """
    known = {(key.name, key.key_hash): key for key in keys}
    found = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_hash))
        if key is not None:
            found.append(Verified(key, key.verify(signature.sig, note.text)))
    return tuple(found)


def verify_note(note: Note, keys: Sequence[NoteKey]) -> tuple[Verified, ...]:
    """Return what these keys signed, as verified() does, and at least one did. Raises SignatureError."""
    found = verified(note, keys)
    if not found:
        raise SignatureError("No known key signed the note.")
    return found


def parse_vkey(text: str) -> NoteKey:
    """Read a verifier key strictly: what is read is written again alike. Raises MalformedError."""
    parts = text.split("+", maxsplit=2)
    if len(parts) != 3:
        raise MalformedError("A verifier key is not name+hash+key.")
    name, key_hash, encoded = parts
    check_name(name)
    material = digests.unb64(encoded)
    try:
        kind = NoteKind(material[0])
    except (IndexError, ValueError) as error:
        raise MalformedError("A verifier key is of a kind that this version does not know.") from error
    key = NoteKey(name, material[1:], kind)
    if signatures.algorithm_of(key.spki) is not kind.algorithm:  # refuses points that are no proper key
        raise MalformedError("A verifier key holds a key of another kind than it says.")
    if key.key_hash.hex() != key_hash:
        raise MalformedError("The hash in a verifier key is not the hash of its name and key.")
    return key


def _vector(name: str) -> bytes:
    data = name.encode("utf-8")
    if not 1 <= len(data) <= MAX_COSIGNED_NAME:
        raise MalformedError(f"A name has more than {MAX_COSIGNED_NAME} bytes.")
    return bytes([len(data)]) + data
