"""What a custody report says: frozen values that the caller fills from verified ledger records.

Does: name every field of the custody form (those of NIST, DA 4137, ISO 27037 and SWGDE in one), and refuse a
hash that is not whole. Does not: read tables or records, decide who may see a value, or know how a page looks
(render.py). Victims and suspects appear by pseudonym only: no field here is made for their names.

Every value is JSON-able: strings, whole numbers, booleans, and `Absent` where there is no text to print.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum

from custody.reports.statements import LIMITS, TERMS
from custody.reports.variant import Variant


class ContentError(ValueError):
    """The content would print something that is not true or not whole."""


class Absent(Enum):
    """Why a field has no text. Not strings, so that no typed text can pass for one of these."""

    NOT_RECORDED = "not recorded"
    WITHHELD = "withheld"
    NOT_APPLICABLE = "not applicable"


Value = str | Absent
NOT_RECORDED = Absent.NOT_RECORDED
WITHHELD = Absent.WITHHELD
NOT_APPLICABLE = Absent.NOT_APPLICABLE


class Scope(StrEnum):
    ITEM = "item"
    CASE = "case"


class Level(StrEnum):
    OK = "ok"
    REMARK = "remark"
    FAILURE = "failure"


HEX_DIGITS = {
    "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128, "BLAKE3": 64, "MD5": 32, "SHA-1": 40,
}  # fmt: skip
LEGACY = frozenset({"MD5", "SHA-1"})


def moment(when: datetime) -> str:
    """Print a time the one way this report prints times: UTC, to the second, with the zone.

    Raises: ContentError for a time without zone.
    """
    if when.tzinfo is None:
        raise ContentError("a time without zone cannot be printed in a report")
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def stated(value: Value) -> Value:
    """Print a time as it stands in a statement like any other time; what is no time with a zone stays as it is."""
    if isinstance(value, Absent):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment(found) if found.tzinfo else value


@dataclass(frozen=True)
class Digest:
    """One whole hash value in lower-case hexadecimal."""

    algorithm: str
    value: Value

    def __post_init__(self) -> None:
        if self.algorithm not in HEX_DIGITS:
            raise ContentError(f"{self.algorithm!r} is not a hash algorithm this report knows")
        if isinstance(self.value, str) and not is_hex(self.value, HEX_DIGITS[self.algorithm]):
            raise ContentError(f"a {self.algorithm} value must have {HEX_DIGITS[self.algorithm]} hex digits")

    @property
    def legacy(self) -> bool:
        return self.algorithm in LEGACY


def is_hex(text: str, digits: int) -> bool:
    return re.fullmatch(rf"[0-9a-f]{{{digits}}}", text) is not None


@dataclass(frozen=True)
class Person:
    """An official as named in the records (never a victim or suspect)."""

    name: Value = NOT_RECORDED
    role: Value = NOT_RECORDED
    agency: Value = NOT_RECORDED
    identity: Value = NOT_RECORDED  # badge or staff number


@dataclass(frozen=True)
class Pseudonym:
    """A victim, suspect or witness under the only name this report prints."""

    pseudonym: str
    category: Value = NOT_RECORDED


@dataclass(frozen=True)
class Signature:
    """One person's electronic signature over one record of the log."""

    person: Person
    key: str  # key id: base64url of SHA-256 of the public key
    record: int  # index in the log
    leaf: str  # leaf hash of that record, hexadecimal
    claimed: Value  # time as the signer states it
    recorded: Value = NOT_RECORDED  # time at which the server took it in

    def __post_init__(self) -> None:
        if not is_hex(self.leaf, 64):
            raise ContentError("a leaf hash must have 64 hex digits")


@dataclass(frozen=True)
class Authority:
    number: str  # number within this report: A1, A2, …
    kind: Value
    issued_by: Value
    reference: Value
    scope: Value
    categories: Value  # categories of data covered
    valid_from: Value
    valid_until: Value = NOT_RECORDED
    status: Value = NOT_RECORDED


@dataclass(frozen=True)
class Item:
    """One exhibit with every field of the custody form; what no record gives stays 'not recorded'."""

    exhibit: str
    item_id: str
    description: Value
    quantity: Value = "1"
    item_class: Value = NOT_RECORDED
    make: Value = NOT_RECORDED
    model: Value = NOT_RECORDED
    serial: Value = NOT_RECORDED
    condition: Value = NOT_RECORDED
    marks: Value = NOT_RECORDED
    received_from: Value = NOT_RECORDED  # person or place received from; pseudonym
    owner: Value = NOT_RECORDED  # pseudonym
    acquired_by: Person = Person()
    acquired_at: Value = NOT_RECORDED
    acquired_where: Value = NOT_RECORDED
    acquired_how: Value = NOT_RECORDED
    reason: Value = NOT_RECORDED  # why it was taken
    authority: Value = NOT_RECORDED  # number in the list of authorities
    tool: Value = NOT_RECORDED
    tool_version: Value = NOT_RECORDED
    write_blocker: Value = NOT_RECORDED
    seal_number: Value = NOT_RECORDED
    seal_condition: Value = NOT_RECORDED
    submitted_by: Person = Person()
    intake_claimed: Value = NOT_RECORDED
    intake_recorded: Value = NOT_RECORDED
    file_name: Value = NOT_RECORDED
    size: int | Absent = NOT_RECORDED  # bytes
    content_type: Value = NOT_RECORDED
    digests: tuple[Digest, ...] = ()  # computed at intake
    declared: tuple[Digest, ...] = ()  # declared by the acquirer
    declared_outcome: Value = NOT_RECORDED
    last_check: Value = NOT_RECORDED  # newest fixity check: when and with which outcome
    derived_from: Value = NOT_APPLICABLE  # parent exhibit and how
    custodian: Person = Person()
    storage: Value = NOT_RECORDED
    status: Value = NOT_RECORDED


@dataclass(frozen=True)
class Transfer:
    exhibits: tuple[str, ...]
    outcome: Value  # "approved: custody moved", "refused", …
    purpose: Value
    place: Value = NOT_RECORDED
    authority: Value = NOT_RECORDED
    seal_number: Value = NOT_RECORDED
    seal_condition: Value = NOT_RECORDED
    released_by: Signature | Absent = NOT_RECORDED
    received_by: Signature | Absent = NOT_RECORDED
    approved_by: Signature | Absent = NOT_RECORDED
    before: tuple[Digest, ...] = ()
    after: tuple[Digest, ...] = ()
    remark: Value = NOT_APPLICABLE


@dataclass(frozen=True)
class Event:
    record: int
    kind: str  # in plain words: "Taken into custody"
    claimed: Value
    recorded: Value
    actor: Person
    key: str
    exhibits: tuple[str, ...] = ()
    purpose: Value = NOT_APPLICABLE
    place: Value = NOT_APPLICABLE
    outcome: Value = NOT_APPLICABLE
    authority: Value = NOT_APPLICABLE
    detail: Value = NOT_APPLICABLE
    concerns: Person = Person()  # an official to whom it was done: assigned, given a copy
    before: tuple[Digest, ...] = ()
    after: tuple[Digest, ...] = ()
    refs: tuple[int, ...] = ()  # records this one answers


@dataclass(frozen=True)
class Change:
    """A change to the data that could not be avoided: what, why, by whom."""

    exhibits: tuple[str, ...]
    when: Value
    what: Value
    why: Value
    by: Person
    record: int | Absent = NOT_RECORDED
    before: tuple[Digest, ...] = ()
    after: tuple[Digest, ...] = ()


@dataclass(frozen=True)
class Disposal:
    exhibits: tuple[str, ...]
    action: Value  # returned, destroyed, other agency
    method: Value
    order: Value  # authority for the disposal
    when: Value
    recipient: Value = NOT_APPLICABLE  # lawful owner, by pseudonym, or agency
    recipient_proof: Value = NOT_APPLICABLE  # how the recipient was identified and signed
    carried_out_by: Signature | Absent = NOT_RECORDED
    approved_by: Signature | Absent = NOT_RECORDED
    witnessed_by: Signature | Absent = NOT_RECORDED


@dataclass(frozen=True)
class Gap:
    """A span without recorded custodian or place, a seal change, a hash not checked again: found by a rule."""

    exhibit: Value
    kind: str
    begin: Value
    end: Value
    explanation: Value = NOT_RECORDED


@dataclass(frozen=True)
class Question:
    """One rule of continuity: what was looked for, and how often it was found."""

    kind: str
    asked: str
    found: int
    untold: int = 0  # exhibits of which it cannot be told from this copy, because a detail is withheld


# Places on the timeline are ten-thousandths of its length, from its beginning.
AXIS = 10_000


@dataclass(frozen=True)
class Holding:
    """Who answered for an exhibit from when to when: one bar of the timeline, one row of its table."""

    exhibit: str
    number: int  # of the custodian in the figure; 0 where nobody is recorded
    custodian: Person
    begin: str
    end: Value  # NOT_APPLICABLE while it lasts
    record: int  # that began it
    left: int
    right: int


@dataclass(frozen=True)
class Tick:
    """One reading of the stored bytes on the timeline."""

    place: int
    match: bool


@dataclass(frozen=True)
class Stretch:
    """An open question of continuity on the timeline."""

    left: int
    right: int


@dataclass(frozen=True)
class Lane:
    """One exhibit of the timeline."""

    exhibit: str
    holdings: tuple[Holding, ...]
    ticks: tuple[Tick, ...] = ()
    questions: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """Who held which exhibit from when to when, for the figure and its table."""

    begin: str
    end: str
    marks: tuple[str, ...]  # words under the axis, at equal distances from its beginning to its end
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Check:
    """One finding of the verification that was run when the report was made."""

    level: Level
    sentence: str


@dataclass(frozen=True)
class Signer:
    """A key that signed something in this report, and the person it was enrolled for."""

    person: Person
    key: str
    kind: str  # "ES256, software key"
    registered: int | Absent
    status: Value = NOT_RECORDED


@dataclass(frozen=True)
class Log:
    """The state of the log that this report rests on. Texts as they stand in checkpoint and policy."""

    origin: str
    size: int
    root: str  # base64, third line of the checkpoint
    genesis: str  # base64, the pin
    key: str  # note verifier key of the log
    outside_time: Value = NOT_RECORDED  # time stamps by outsiders, in a sentence
    witnesses: Value = NOT_RECORDED


@dataclass(frozen=True)
class ReportContent:
    scope: Scope
    report_id: str
    agency: str
    case_number: Value
    case_title: Value
    case_id: str
    offence: Value
    prepared_by: Person
    log: Log
    verifier_command: str
    variant: Variant = Variant.SEALED
    handling: Value = NOT_APPLICABLE  # protective marking, printed on every page
    unit: Value = NOT_RECORDED
    prepared_for: Value = NOT_RECORDED
    purpose: Value = NOT_RECORDED
    authorities: tuple[Authority, ...] = ()
    pseudonyms: tuple[Pseudonym, ...] = ()
    items: tuple[Item, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    events: tuple[Event, ...] = ()
    changes: tuple[Change, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    timeline: Timeline | Absent = NOT_RECORDED
    continuity: Value = NOT_RECORDED  # what was computed, over which span
    questions: tuple[Question, ...] = ()
    gaps: tuple[Gap, ...] = ()
    closed: int = 0  # signed statements that this copy does not open
    withheld: tuple[str, ...] = ()  # which of them to protect somebody
    checks: tuple[Check, ...] = ()
    signers: tuple[Signer, ...] = ()
    limits: tuple[tuple[str, str], ...] = LIMITS  # what the report does not prove: title, sentence
    terms: tuple[tuple[str, str], ...] = TERMS
    seal_authority: Value = NOT_RECORDED  # SHA-256 of the seal's certificate authority
    test_seal: bool = False

    def __post_init__(self) -> None:
        if self.scope is Scope.ITEM and len(self.items) != 1:
            raise ContentError("an item report has exactly one item")
