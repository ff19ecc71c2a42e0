"""Read, write and apply a policy: what a verifier trusts before it reads anything (C2SP tlog-policy).

    log     <vkey> [<url>]                    a key of a log; any one of a log's keys must have signed its head
    witness <name> <vkey> [<url>]             a key that cosigns heads: an outside witness, or the log's own
                                              ML-DSA-44 key, which bears the log's name
    group   <name> all|any|<k> <name> ...     so many of these, each defined above and in one group only
    quorum  <name>|none                       what must have cosigned a head
    #pin    <kind> <value>                    ours; a comment to other tools, see PINS

One witness counts once: no key stands in two lines, not even once as a log's and once as a witness's. Names of
witnesses and groups mean nothing outside of the file. The forms of keys and signatures are note_keys.py's.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType

from . import digests
from .checkpoint import Checkpoint, Note, parse_checkpoint, parse_note
from .errors import MalformedError, PolicyError
from .note_keys import COSIGNATURE_KINDS, LOG_KINDS, NoteKey, Verified, parse_vkey, verified, verify_note
from .passkey import Site, read_site
from .stated_policy import read_enrollers, words

# Thirty-two witnesses, which C2SP asks for at least, with ML-DSA-44 keys of 1.8 kB each, and room for comments.
MAX_POLICY = 128 * 1024
MAX_LINES = 64  # of one kind
NO_QUORUM = "none"

_SHA256_HEX = re.compile("[0-9a-f]{64}")
_COUNT = re.compile("[1-9][0-9]?")


@dataclass(frozen=True)
class Witness:
    """A key that cosigns; `name` is the policy's own word for it, `url` where the log asks (for logs only)."""

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True)
class Group:
    """So many of its members, witnesses or groups above it, must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Log keys, the pins, and which witnesses must have cosigned a head."""

    logs: tuple[NoteKey, ...]
    genesis: bytes | None = None  # leaf hash of entry 0
    seals: tuple[str, ...] = ()  # SHA-256 (hex) of DER certificates of the report seal or its authority
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NO_QUORUM
    stampers: tuple[str, ...] = ()  # SHA-256 (hex) of DER certificates that sign time stamps (RFC 3161)
    passkeys: tuple[Site, ...] = ()  # where passkeys may be used; stated by the log itself
    enrollers: int = 0  # how many administrators enrol a key; of effect only in what the log states

    def log_keys(self, origin: str) -> tuple[NoteKey, ...]:
        """Give the keys that this log signs its heads with."""
        return tuple(key for key in self.logs if key.name == origin)

    def own_keys(self, origin: str) -> tuple[Witness, ...]:
        """Give the log's own cosigning keys: they bear its name."""
        return tuple(witness for witness in self.witnesses if witness.key.name == origin)

    def outside(self, origin: str) -> tuple[Witness, ...]:
        """Give the witnesses that are not the log itself."""
        return tuple(witness for witness in self.witnesses if witness.key.name != origin)


def cosignatures(note: Note, policy: Policy) -> Mapping[str, int]:
    """Return which witnesses of the policy cosigned the note, and when they say they did (the newest time).

    A time of 0 states nothing about the newest head (tlog-cosignature); only the log's own key may say so
    and count. Raises SignatureError if any cosignature of a known witness does not verify.
    """
    origin = parse_checkpoint(note.text).origin
    times: dict[NoteKey, int] = {}
    for found in verified(note, [witness.key for witness in policy.witnesses]):
        if found.time or found.key.name == origin:
            times[found.key] = max(found.time or 0, times.get(found.key, 0))
    return {witness.name: times[witness.key] for witness in policy.witnesses if witness.key in times}


def is_reached(policy: Policy, cosigned: Set[str]) -> bool:
    """Tell whether these witnesses are the quorum of the policy, or more."""
    if policy.quorum == NO_QUORUM:
        return True
    reached = set(cosigned)
    for group in policy.groups:  # each names groups above it only
        if len(reached.intersection(group.members)) >= group.threshold:
            reached.add(group.name)
    return policy.quorum in reached


def check_log(note: Note, checkpoint: Checkpoint, policy: Policy) -> tuple[Verified, ...]:
    """Return the signatures of the log itself. Raises PolicyError for an unknown log, SignatureError."""
    keys = policy.log_keys(checkpoint.origin)
    if not keys:
        raise PolicyError(f"The policy does not know the log {checkpoint.origin}.")
    return verify_note(note, keys)


def verify_checkpoint(note_text: str, policy: Policy) -> Checkpoint:
    """Read a signed checkpoint that the policy accepts, witnesses included. Raises ProofError."""
    note = parse_note(note_text)
    checkpoint = parse_checkpoint(note.text)
    check_log(note, checkpoint, policy)
    if not is_reached(policy, cosignatures(note, policy).keys()):
        raise PolicyError("Fewer witnesses have cosigned the head of the log than the policy asks for.")
    return checkpoint


def format_policy(policy: Policy) -> str:
    """Write the policy as a C2SP tlog-policy with the pins as comment lines."""
    lines = [f"log {key.vkey}" for key in policy.logs]
    lines += [" ".join(["witness", one.name, one.key.vkey, one.url]).strip() for one in policy.witnesses]
    lines += [
        f"group {one.name} {_threshold_words(one)} {' '.join(one.members)}" for one in policy.groups
    ] + [f"quorum {policy.quorum}"]
    for kind, pin in PINS.items():
        lines += [f"#pin {kind} {value}" for value in pin.write(policy)]
    text = "\n".join(lines) + "\n"
    if parse_policy(text) != policy:  # nothing is written that would not be read back
        raise MalformedError("A policy cannot be written so that it is read back alike.")
    return text


def parse_policy(text: str) -> Policy:
    """Read a policy file strictly. Raises MalformedError."""
    if len(text) > MAX_POLICY:
        raise MalformedError(f"A policy is larger than {MAX_POLICY} characters.")
    if any((character < " " and character not in "\n\t") or character == "\x7f" for character in text):
        raise MalformedError("A policy has control characters.")
    draft = _Draft()
    for line in text.split("\n"):
        kind, *values = words(line) or [""]
        if not kind or (kind.startswith("#") and kind != "#pin"):
            continue
        if kind not in _LINES:
            raise MalformedError("A policy has a line of an unknown kind.")
        _LINES[kind](draft, values)
    return draft.policy()


@dataclass
class _Draft:
    """A policy while its lines are read; each line may name only what stands above it."""

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorums: list[str] = field(default_factory=list)
    pins: dict[str, list[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)

    def log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):  # the second word is a URL, of no use offline
            raise MalformedError("A log line of a policy is not a verifier key and perhaps a URL.")
        self.logs.append(_key(words[0], LOG_KINDS, "log"))

    def witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise MalformedError(
                "A witness line of a policy is not a name, a verifier key and perhaps a URL."
            )
        key = _key(words[1], COSIGNATURE_KINDS, "witness")
        self.witnesses.append(Witness(self._fresh(words[0]), key, *words[2:]))

    def group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise MalformedError("A group line of a policy is not a name, a threshold and members.")
        name, threshold, *members = words
        if not self._names().issuperset(members):
            raise MalformedError("A group of a policy names what is not defined above it.")
        if len(set(members)) != len(members) or not self.grouped.isdisjoint(members):
            raise MalformedError(
                "A policy lists a witness or group as a member twice, so it would count twice."
            )
        self.grouped.update(members)
        self.groups.append(Group(self._fresh(name), _threshold(threshold, len(members)), tuple(members)))

    def quorum(self, words: list[str]) -> None:
        if len(words) != 1 or words[0] not in self._names() | {NO_QUORUM}:
            raise MalformedError("The quorum line of a policy does not name one witness or group above it.")
        self.quorums.append(words[0])

    def pin(self, words: list[str]) -> None:
        if not words or words[0] not in PINS or len(words) - 1 != PINS[words[0]].words:
            raise MalformedError("A pin of a policy is of an unknown kind or is not one value.")
        self.pins.setdefault(words[0], []).append(" ".join(words[1:]))

    def policy(self) -> Policy:
        """Give the whole, if it is one."""
        if len(self.quorums) != 1:
            raise MalformedError("A policy does not have exactly one quorum line.")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES:
            raise MalformedError(f"A policy has more than {MAX_LINES} logs, witnesses or groups.")
        keys = [*self.logs, *(witness.key for witness in self.witnesses)]
        if len({key.keyid for key in keys}) != len(keys):
            raise MalformedError("A policy lists a key twice, so that one holder would count as two.")
        if len({(key.name, key.key_hash) for key in keys}) != len(keys):
            raise MalformedError("A policy has two keys of one name whose short hashes are the same.")
        if len(set(self.pins.get("webauthn", []))) != len(self.pins.get("webauthn", [])):
            raise MalformedError("A policy lists a site of passkeys twice.")
        pinned = {kind: pin.read(self.pins.get(kind, [])) for kind, pin in PINS.items()}
        return Policy(
            logs=tuple(self.logs),
            genesis=digests.unb64_hash(pinned["genesis"][0]) if pinned["genesis"] else None,
            seals=pinned["seal"],
            stampers=pinned["tsa"],
            passkeys=tuple(map(_site, pinned["webauthn"])),
            enrollers=read_enrollers(pinned["enrolment"][0]) if pinned["enrolment"] else 0,
            witnesses=tuple(self.witnesses),
            groups=tuple(self.groups),
            quorum=self.quorums[0],
        )

    def _names(self) -> set[str]:
        return {one.name for one in self.witnesses} | {one.name for one in self.groups}

    def _fresh(self, name: str) -> str:
        if name == NO_QUORUM or name in self._names():
            raise MalformedError("A name of a policy is given twice, or is none.")
        return name


_LINES: Mapping[str, Callable[[_Draft, list[str]], None]] = MappingProxyType(
    {
        "log": _Draft.log,
        "witness": _Draft.witness,
        "group": _Draft.group,
        "quorum": _Draft.quorum,
        "#pin": _Draft.pin,
    }
)


@dataclass(frozen=True)
class Pin:
    """A kind of pin: how often it may stand, what its value must look like, and what a policy has of it."""

    most: int
    check: Callable[[str], object]
    write: Callable[[Policy], Iterable[str]]
    words: int = 1  # of which a value consists

    def read(self, values: list[str]) -> tuple[str, ...]:
        if len(values) > self.most:
            raise MalformedError("A pin of a policy is given too often.")
        for value in values:
            self.check(value)
        return tuple(values)


def _sha256_hex(value: str) -> None:
    if not _SHA256_HEX.fullmatch(value):
        raise MalformedError("A pin of a policy is not a SHA-256 in lower-case hexadecimal digits.")


def _hash_b64(value: str) -> None:
    digests.unb64_hash(value)


def _site(value: str) -> Site:
    return read_site(*value.split(" "))


def _site_words(site: Site) -> str:
    return f"{site.rp_id} {site.origin}"


# A new kind of pin is a row here and a member of Policy.
PINS: Mapping[str, Pin] = MappingProxyType(
    {
        "genesis": Pin(1, _hash_b64, lambda policy: [digests.b64(policy.genesis)] if policy.genesis else []),
        "seal": Pin(MAX_LINES, _sha256_hex, lambda policy: policy.seals),
        "tsa": Pin(MAX_LINES, _sha256_hex, lambda policy: policy.stampers),
        "enrolment": Pin(
            1, read_enrollers, lambda policy: [str(policy.enrollers)] if policy.enrollers else []
        ),
        "webauthn": Pin(MAX_LINES, _site, lambda policy: map(_site_words, policy.passkeys), words=2),
    }
)


def _key(text: str, kinds: Set[int], whose: str) -> NoteKey:
    key = parse_vkey(text)
    if key.kind not in kinds:
        raise MalformedError(f"A {whose} line of a policy has a key of a kind that a {whose} does not have.")
    return key


def _threshold(text: str, members: int) -> int:
    words = {"all": members, "any": 1}
    threshold = words.get(text, int(text) if _COUNT.fullmatch(text) else 0)
    if not 1 <= threshold <= members:
        raise MalformedError("The threshold of a group is not all, any, or a number of its members.")
    return threshold


def _threshold_words(group: Group) -> str:
    words = {len(group.members): "all", 1: "any"}
    return words.get(group.threshold, str(group.threshold))
