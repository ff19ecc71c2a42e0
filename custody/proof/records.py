"""Write and read the signed statement: one custody record, its commitments, and the map head.

build() and parse() accept exactly the same payloads: a closed schema, in canonical bytes. A record holds no
personal data: whatever describes is a *claim*, a salted commitment whose opening is kept elsewhere and can be
erased. Does not know who may say what (rules.py) nor what may follow what (chain.py).
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from . import canonical, digests, erasure, members
from .canonical import JSON
from .checkpoint import check_name, parse_checkpoint
from .enrolment import EnrolledKey, read_enrolled, read_revoked, read_roots, read_suspected
from .errors import MalformedError
from .merkle import EMPTY_ROOT
from .vocabulary import ABOUT_THE_LOG, CASE_OPTIONAL, KeyKind, RecordType, Role

__all__ = [
    "ABOUT_THE_LOG",
    "CASE_OPTIONAL",
    "MAP_HEAD_PAYLOAD_TYPE",
    "MAX_ENTRY",
    "MAX_PAYLOAD",
    "NOTHING_SEEN",
    "NO_ENTRY",
    "RECORD_PAYLOAD_TYPE",
    "VERSION",
    "EnrolledKey",
    "KeyKind",
    "MapHead",
    "Opening",
    "Record",
    "RecordType",
    "Role",
    "Seen",
    "Subject",
    "build",
    "build_map_head",
    "make_opening",
    "parse",
    "parse_map_head",
]

RECORD_PAYLOAD_TYPE: Final = "application/vnd.unbroken.custody-record+json"
MAP_HEAD_PAYLOAD_TYPE: Final = "application/vnd.unbroken.custody-map-head+json"
VERSION = 1
# The payload limit is the format's; an entry must fit into a C2SP entry bundle, whose lengths have 16 bits.
MAX_PAYLOAD = 16_384
MAX_ENTRY = 65_535

NO_ENTRY = bytes(32)  # `prev` of the first record of an item
_NONCE_SIZE = 16
_SALT_SIZE = 32
# A bundle is a map with a list of openings, which are maps: what is committed to must fit in there one day.
_OPENING_DEPTH = 3
# A claim is named in the open, so the name must be a word of the schema and never a description.
_FIELD = re.compile("[a-z][a-z0-9_.-]{0,63}")
_MEMBERS = ("v", "log", "type", "time", "nonce", "actor", "subjects", "seen", "refs", "claims")


@dataclass(frozen=True)
class Opening:
    """What a commitment commits to. Whoever has it can check it; without the salt it cannot be guessed."""

    field: str
    salt: bytes
    value: JSON

    def commitment(self) -> bytes:
        """Compute the claim."""
        if len(self.salt) != _SALT_SIZE:
            raise MalformedError("The salt of an opening does not have 32 bytes.")
        field = digests.sha256(self.field.encode("utf-8"))
        value = canonical.dumps(self.value, inside=_OPENING_DEPTH)
        return digests.sha256(b"custody-commit/v1\n" + self.salt + field + value)


@dataclass(frozen=True)
class Subject:
    """One item a record is about: its number in the item's own chain, and the leaf hash of the one before."""

    item: UUID
    seq: int
    prev: bytes


@dataclass(frozen=True)
class Seen:
    """The newest verified log head the signer's client held."""

    size: int
    root: bytes


NOTHING_SEEN = Seen(size=0, root=EMPTY_ROOT)


@dataclass(frozen=True)
class Record:
    v: int
    log: str
    type: RecordType
    time: datetime  # as claimed by the signer
    nonce: bytes
    actor: str
    case: UUID | None
    subjects: tuple[Subject, ...]
    seen: Seen
    refs: tuple[bytes, ...]
    claims: dict[str, bytes]
    extra: dict[str, JSON]

    def enrols(self) -> tuple[EnrolledKey, ...]:
        """Give the keys this record brings into the log; empty for most records."""
        if self.type is RecordType.GENESIS:
            return read_roots(self.extra["roots"])
        if self.type is RecordType.KEY_REGISTER:
            return (read_enrolled(self.extra["key"]),)
        return ()

    def controls(self) -> tuple[str, ...]:
        """Give the ids of the keys this record enrols, revokes or suspects."""
        if self.type is RecordType.KEY_REVOKE:
            return (read_revoked(self.extra["key"]),)
        if self.type is RecordType.KEY_SUSPECT:
            return (read_suspected(self.extra["key"])[0],)
        return tuple(key.keyid for key in self.enrols())


@dataclass(frozen=True)
class MapHead:
    """The root of the map over the first `size` entries; it is entry number `size` itself."""

    log: str
    size: int
    root: bytes


def make_opening(field: str, value: JSON) -> Opening:
    """Open a claim with a fresh salt."""
    return Opening(field, os.urandom(_SALT_SIZE), value)


def build(
    *,
    log: str,
    type: RecordType,
    time: datetime,
    actor: str,
    case: UUID | None = None,
    subjects: Iterable[Subject] = (),
    seen: Seen,
    refs: Iterable[bytes] = (),
    openings: Iterable[Opening] = (),
    extra: Mapping[str, JSON] | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Write the canonical payload. Raises MalformedError if the schema does not allow it."""
    parts: dict[str, JSON] = {
        "v": VERSION,
        "log": log,
        "type": str(type),
        "time": members.format_time(time),
        "nonce": digests.b64(os.urandom(_NONCE_SIZE) if nonce is None else nonce),
        "actor": actor,
        "subjects": [{"item": str(s.item), "seq": s.seq, "prev": digests.b64(s.prev)} for s in subjects],
        "seen": {"size": seen.size, "root": digests.b64(seen.root)},
        "refs": [digests.b64(ref) for ref in refs],
        "claims": _commitments(openings),
    }
    if case is not None:
        parts["case"] = str(case)
    for name, value in (extra or {}).items():
        if name in parts or name == "case":
            raise MalformedError(f"The member {name} of a record cannot be given as an extra one.")
        parts[name] = value
    payload = canonical.dumps(parts)
    parse(payload)
    return payload


def parse(payload: bytes) -> Record:
    """Read a payload strictly. Raises MalformedError."""
    value = _load(payload)
    record_type = members.word(value.get("type", ""), RecordType, "type of a record")
    extra_checks = _EXTRA.get(record_type, {})
    case_names = ("case",) if "case" in value else ()
    members.exactly(value, (*_MEMBERS, *extra_checks, *case_names), "record")
    case = members.uuid(value["case"], "case") if case_names else None
    subjects = tuple(_subject(part) for part in members.array(value["subjects"], "list of subjects"))
    _check_about(record_type, case, subjects)
    for name, check in extra_checks.items():
        check(value[name])
    if record_type is RecordType.ERASURE:
        erasure.check_order(value)
    return Record(
        v=_version(value["v"]),
        log=_origin(value["log"]),
        type=record_type,
        time=members.time(value["time"], "time of a record"),
        nonce=_nonce(value["nonce"]),
        actor=members.keyid(value["actor"], "actor"),
        case=case,
        subjects=subjects,
        seen=_seen(value["seen"]),
        refs=tuple(
            members.hash32(part, "reference") for part in members.array(value["refs"], "list of references")
        ),
        claims=_claims(value["claims"]),
        extra={name: value[name] for name in extra_checks},
    )


def build_map_head(*, log: str, size: int, root: bytes) -> bytes:
    """Write the payload of a map head."""
    payload = canonical.dumps(
        {"v": VERSION, "log": log, "type": "map.head", "size": size, "root": digests.b64(root)}
    )
    parse_map_head(payload)
    return payload


def parse_map_head(payload: bytes) -> MapHead:
    """Read the payload of a map head strictly. Raises MalformedError."""
    value = members.exactly(_load(payload), ("v", "log", "type", "size", "root"), "map head")
    _version(value["v"])
    if value["type"] != "map.head":
        raise MalformedError("A map head is not of the type map.head.")
    return MapHead(
        log=_origin(value["log"]),
        size=members.count(value["size"], "size of a map head"),
        root=members.hash32(value["root"], "root of a map head"),
    )


def _commitments(openings: Iterable[Opening]) -> dict[str, JSON]:
    claims: dict[str, JSON] = {}
    for opening in openings:
        if opening.field in claims:
            raise MalformedError(f"The claim {opening.field} is made twice.")
        claims[opening.field] = digests.b64(opening.commitment())
    return claims


def _load(payload: bytes) -> Mapping[str, JSON]:
    if len(payload) > MAX_PAYLOAD:
        raise MalformedError(f"A payload is larger than {MAX_PAYLOAD} bytes.")
    value = canonical.loads(payload)
    if not isinstance(value, dict):
        raise MalformedError("A payload is not a map.")
    return value


def _version(value: JSON) -> int:
    if members.count(value, "version") != VERSION:
        raise MalformedError(f"The version of a record is not {VERSION}.")
    return VERSION


def _origin(value: JSON) -> str:
    name = members.text(value, "log of a record")
    check_name(name)
    return name


def _nonce(value: JSON) -> bytes:
    nonce = members.data(value, "nonce")
    if len(nonce) != _NONCE_SIZE:
        raise MalformedError(f"The nonce of a record does not have {_NONCE_SIZE} bytes.")
    return nonce


def _subject(value: JSON) -> Subject:
    parts = members.exactly(value, ("item", "seq", "prev"), "subject")
    seq = members.count(parts["seq"], "number of a subject")
    prev = members.hash32(parts["prev"], "previous entry of a subject")
    if seq == 0 or (seq == 1) != (prev == NO_ENTRY):
        raise MalformedError("A subject is number 1 exactly when it has no previous entry.")
    return Subject(members.uuid(parts["item"], "item"), seq, prev)


def _check_about(record_type: RecordType, case: UUID | None, subjects: tuple[Subject, ...]) -> None:
    if record_type in ABOUT_THE_LOG and (case is not None or subjects):
        raise MalformedError(
            f"A record of type {record_type} is about the log and can have no case and no item."
        )
    if case is None and record_type not in ABOUT_THE_LOG | CASE_OPTIONAL:
        raise MalformedError(f"A record of type {record_type} needs a case.")
    if len({subject.item for subject in subjects}) != len(subjects):
        raise MalformedError("A record names an item twice.")


def _seen(value: JSON) -> Seen:
    parts = members.exactly(value, ("size", "root"), "seen log head")
    seen = Seen(members.count(parts["size"], "seen size"), members.hash32(parts["root"], "seen root"))
    if seen.size == 0 and seen != NOTHING_SEEN:
        raise MalformedError("A seen log head of size 0 has a root that is not the empty one.")
    return seen


def _claims(value: JSON) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise MalformedError("The claims of a record are not a map.")
    if not all(_FIELD.fullmatch(field) for field in value):
        raise MalformedError("The name of a claim is not a lower-case word of the schema.")
    return {field: members.hash32(part, "commitment") for field, part in value.items()}


def _policy(value: JSON) -> None:
    members.text(value, "policy")


def _token(value: JSON) -> None:
    if not members.data(value, "time stamp token"):
        raise MalformedError("A time stamp token is empty.")


def _anchored(value: JSON) -> None:
    parse_checkpoint(members.text(value, "anchored checkpoint"))


# The members beyond those every record has, by type; a type that is not listed has none.
_EXTRA: Final[Mapping[RecordType, Mapping[str, Callable[[JSON], object]]]] = {
    RecordType.GENESIS: {"roots": read_roots, "policy": _policy},
    RecordType.KEY_REGISTER: {"key": read_enrolled},
    RecordType.KEY_REVOKE: {"key": read_revoked},
    RecordType.KEY_SUSPECT: {"key": read_suspected},
    RecordType.POLICY_UPDATE: {"policy": _policy},
    RecordType.ANCHOR: {"token": _token, "checkpoint": _anchored},
    RecordType.ERASURE: {"openings": erasure.read_openings, "erased": erasure.read_erased},
}
