"""Write, sign and read the head of the log: C2SP signed note, tlog-checkpoint (three lines), tlog-policy.

A signed note is a text, an empty line, and signature lines `— name base64(key id || signature)`. Only Ed25519
note signatures (type 0x01) exist here. A policy that asks for witness cosignatures is refused, not half
obeyed. Does not decide what a checkpoint must contain (prefix_map.py, verify.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import digests, signatures
from .errors import MalformedError, PolicyError, SignatureError
from .merkle import EMPTY_ROOT, MAX_SIZE
from .passkey import Site, sites_of
from .signatures import Algorithm, SigningKey

# Sixteen signatures, which C2SP asks for at least, of 5 kB each, the largest post-quantum ones, fit twice.
MAX_NOTE = 160 * 1024
MAX_NOTE_SIGNATURES = 32
# One log, its keys after some rotations, and the pins; a page of comments.
MAX_POLICY = 16 * 1024
MAX_NAME = 255

_ED25519_TYPE = b"\x01"
_SIGNATURE_LINE = re.compile("\u2014 ([^ ]+) ([^ ]+)")
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")
_SHA256_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write the three lines, each with its newline: what the log signs and what a time stamp is over."""
        return f"{self.origin}\n{self.size}\n{digests.b64(self.root)}\n"


@dataclass(frozen=True)
class NoteSignature:
    name: str
    key_hash: bytes  # four bytes; with the name it says which key, but proves nothing
    sig: bytes


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True)
class NoteKey:
    """The public key of a note signer, written as a vkey: name+hash+base64(type || key)."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        return digests.sha256(self.name.encode() + b"\n" + _ED25519_TYPE + self.public)[:4]

    @property
    def spki(self) -> bytes:
        """Give the key as SubjectPublicKeyInfo: map heads are signed with it too."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def keyid(self) -> str:
        return digests.keyid(self.spki)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{digests.b64(_ED25519_TYPE + self.public)}"


class NoteSigner:
    """A name and the Ed25519 key that signs notes under it; the log's name is its origin."""

    def __init__(self, name: str, key: SigningKey) -> None:
        check_name(name)
        if key.alg is not Algorithm.ED25519:
            raise ValueError("notes are signed with Ed25519 keys only")
        self._key = key
        self.public = NoteKey(name, key.spki[-32:])  # an Ed25519 SPKI ends with the raw key

    @property
    def vkey(self) -> str:
        return self.public.vkey

    def signature(self, text: str) -> NoteSignature:
        """Sign the text of a note."""
        return NoteSignature(self.public.name, self.public.key_hash, self._key.sign(text.encode()))


@dataclass(frozen=True)
class Policy:
    """What a verifier trusts before it reads anything: log keys, the genesis entry, the seal certificates.

    The pins stand in comment lines, so that the file remains a C2SP tlog-policy for other tools.
    """

    logs: tuple[NoteKey, ...]
    genesis: bytes | None = None  # leaf hash of entry 0
    seals: tuple[str, ...] = ()  # SHA-256 (hex) of DER certificates of the report seal or its authority
    passkeys: tuple[Site, ...] = ()  # where passkeys may be used; stated by the log itself


def check_name(name: str) -> None:
    """Raise MalformedError unless the text can name a key and be the origin of a log."""
    if not 1 <= len(name) <= MAX_NAME or "+" in name or any(map(_is_gap, name)):
        raise MalformedError(
            "A name of a log or key is empty, too long, or has a space, a plus or a control character."
        )


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the three lines strictly; extension lines are refused."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise MalformedError("A checkpoint does not have exactly three lines.")
    origin, size_text, root_text, _ = lines
    check_name(origin)
    if not _DECIMAL.fullmatch(size_text) or int(size_text) >= MAX_SIZE:
        raise MalformedError("The size in a checkpoint is not a whole number.")
    size, root = int(size_text), digests.unb64_hash(root_text)
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedError("A checkpoint of an empty log has a root that is not the empty one.")
    return Checkpoint(origin, size, root)


def sign_note(text: str, signers: Iterable[NoteSigner]) -> str:
    """Make a signed note."""
    lines = [_signature_line(signer.signature(text)) for signer in signers]
    note = text + "\n" + "".join(lines)
    parse_note(note)
    return note


def parse_note(note: str) -> Note:
    """Split a signed note into its text and its signatures. Verifies nothing."""
    try:
        size = len(note.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise MalformedError("A note has characters that are not Unicode text.") from error
    if size > MAX_NOTE:
        raise MalformedError(f"A note is larger than {MAX_NOTE} bytes.")
    if any(character < " " and character != "\n" for character in note):
        raise MalformedError("A note has control characters.")
    text, gap, block = note.rpartition("\n\n")
    if not gap or not text or not block.endswith("\n"):
        raise MalformedError("A note is not a text, an empty line and signature lines.")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise MalformedError(f"A note has more than {MAX_NOTE_SIGNATURES} signatures.")
    return Note(text + "\n", tuple(_parse_signature_line(line) for line in lines))


def verify_note(note: Note, keys: Sequence[NoteKey]) -> None:
    """Return if a known key signed the note and every signature of a known key verifies.

    Signatures of other keys say nothing and are ignored, as C2SP demands. Raises SignatureError.
    """
    known = {(key.name, key.key_hash): key for key in keys}
    count = 0
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_hash))
        if key is not None:
            signatures.verify(key.spki, signature.sig, note.text.encode("utf-8"))
            count += 1
    if not count:
        raise SignatureError("No known key signed the note.")


def verify_checkpoint(note_text: str, policy: Policy) -> Checkpoint:
    """Read a signed checkpoint that the policy accepts. Raises ProofError."""
    note = parse_note(note_text)
    checkpoint = parse_checkpoint(note.text)
    keys = [key for key in policy.logs if key.name == checkpoint.origin]
    if not keys:
        raise PolicyError(f"The policy does not know the log {checkpoint.origin}.")
    verify_note(note, keys)
    return checkpoint


def parse_vkey(text: str) -> NoteKey:
    """Read a verifier key; only Ed25519 note keys (type 0x01) are known."""
    parts = text.split("+", maxsplit=2)
    if len(parts) != 3:
        raise MalformedError("A verifier key is not name+hash+key.")
    name, key_hash, encoded = parts
    check_name(name)
    material = digests.unb64(encoded)
    if material[:1] != _ED25519_TYPE or len(material) != 33:
        raise MalformedError("A verifier key is not an Ed25519 note key.")
    key = NoteKey(name, material[1:])
    if key.key_hash.hex() != key_hash:
        raise MalformedError("The hash in a verifier key is not the hash of its name and key.")
    signatures.algorithm_of(key.spki)  # refuses points that are no proper key
    return key


def format_policy(policy: Policy) -> str:
    """Write the policy as a C2SP tlog-policy with the pins as comment lines."""
    lines = [f"log {key.vkey}" for key in policy.logs] + ["quorum none"]
    if policy.genesis is not None:
        lines.append(f"#pin genesis {digests.b64(policy.genesis)}")
    lines += [f"#pin seal {seal}" for seal in policy.seals]
    lines += [site.pin() for site in policy.passkeys]
    text = "\n".join(lines) + "\n"
    parse_policy(text)  # nothing is written that could not be read
    return text


def parse_policy(text: str) -> Policy:
    """Read a policy file. Raises MalformedError, or PolicyError for what this version cannot check."""
    if len(text) > MAX_POLICY:
        raise MalformedError(f"A policy is larger than {MAX_POLICY} characters.")
    if any(character < " " and character not in "\n\t" for character in text):
        raise MalformedError("A policy has control characters.")
    found: dict[str, list[list[str]]] = {"log": [], "quorum": [], "genesis": [], "seal": [], "webauthn": []}
    for line in text.split("\n"):
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or (words[0].startswith("#") and words[0] != "#pin"):
            continue
        if words[0] == "#pin":
            words = words[1:]
        elif words[0] in ("witness", "group"):
            raise PolicyError("The policy names witnesses, whose signatures this version cannot check.")
        if not words or words[0] not in found:
            raise MalformedError("A policy has a line of an unknown kind.")
        found[words[0]].append(words[1:])
    return replace(_policy(found), passkeys=sites_of(text))


def _policy(found: dict[str, list[list[str]]]) -> Policy:
    if len(found["quorum"]) != 1 or len(found["quorum"][0]) != 1:
        raise MalformedError("A policy does not have exactly one quorum line.")
    if found["quorum"] != [["none"]]:
        raise PolicyError("The policy asks for witnesses, whose signatures this version cannot check.")
    if any(len(words) not in (1, 2) for words in found["log"]):  # the second word is a URL, of no use offline
        raise MalformedError("A log line of a policy is not a verifier key and perhaps a URL.")
    logs = tuple(parse_vkey(words[0]) for words in found["log"])
    if len({key.public for key in logs}) != len(logs):
        raise MalformedError("A policy lists a log key twice.")
    if len(found["genesis"]) > 1 or any(len(words) != 1 for words in found["genesis"] + found["seal"]):
        raise MalformedError("A policy has a pin that is doubled or is not one value.")
    seals = tuple(words[0] for words in found["seal"])
    if not all(_SHA256_HEX.fullmatch(seal) for seal in seals):
        raise MalformedError("A seal pin of a policy is not a SHA-256 in lower-case hexadecimal digits.")
    genesis = digests.unb64_hash(found["genesis"][0][0]) if found["genesis"] else None
    return Policy(logs, genesis, seals)


def _is_gap(character: str) -> bool:
    return character <= " " or character == "\x7f" or character.isspace()


def _signature_line(signature: NoteSignature) -> str:
    return f"\u2014 {signature.name} {digests.b64(signature.key_hash + signature.sig)}\n"


def _parse_signature_line(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise MalformedError("A signature line of a note is not dash, name, signature.")
    check_name(match[1])
    data = digests.unb64(match[2])
    if len(data) < 5:
        raise MalformedError("A signature of a note is too short.")
    return NoteSignature(match[1], data[:4], data[4:])
