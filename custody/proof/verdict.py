"""Hold the outcome of a verification: verified, with remarks or not, and what happened when.

The events are told from the bundle, never from a page. They are statements of their signers; only a verdict
without failure makes them proven statements, and whoever shows them must say which it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .canonical import JSON
from .findings import ExitCode, Finding, Level
from .keyring import Keyring
from .reading import Reading, RecordEntry, WithheldEntry
from .records import RecordType, Role, Subject
from .verify_times import Window

# The claim of a key registration that says in whose name it is: a text, or a map with the member `name`.
HOLDER_FIELD = "holder"


class Outcome(StrEnum):
    VERIFIED = "verified"
    WITH_REMARKS = "verified with remarks"
    NOT_VERIFIED = "not verified"


_EXIT_CODES = {
    Outcome.VERIFIED: ExitCode.VERIFIED,
    Outcome.WITH_REMARKS: ExitCode.WITH_REMARKS,
    Outcome.NOT_VERIFIED: ExitCode.NOT_VERIFIED,
}


@dataclass(frozen=True)
class Statement:
    """A claim of a record and, if it is opened, what it says."""

    field: str
    opened: bool
    value: JSON = ""


@dataclass(frozen=True)
class Event:
    """One record as the bundle tells it."""

    index: int
    time: datetime  # as the signer states it
    window: Window  # as outside time stamps bound it
    type: RecordType
    actor: str
    person: UUID | None
    name: str  # of the signer, if the bundle opens it; else empty
    roles: tuple[Role, ...]
    keys: tuple[str, ...]  # that the record enrols, revokes or suspects
    case: UUID | None
    subjects: tuple[Subject, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class ErasedEvent:
    """An entry of which only the place is left."""

    index: int
    order: int


@dataclass(frozen=True)
class Verdict:
    """All findings by step; the events in the order of the log; two signed notes if a fork was proven."""

    findings: tuple[Finding, ...]
    events: tuple[Event | ErasedEvent, ...] = ()
    fork: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        levels = {finding.level for finding in self.findings}
        if Level.FAILURE in levels or not levels:
            return Outcome.NOT_VERIFIED
        return Outcome.WITH_REMARKS if Level.REMARK in levels else Outcome.VERIFIED

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT_CODES[self.outcome]


def tell(
    reading: Reading, keyring: Keyring, windows: Mapping[int, Window]
) -> tuple[Event | ErasedEvent, ...]:
    """Tell the events of a bundle in the order of the log."""
    opened = {(part.index, part.opening.field): part.opening.value for part in reading.parts.openings}
    names = _names(reading, opened)
    events: list[Event | ErasedEvent] = []
    for entry in reading.entries:
        if isinstance(entry, WithheldEntry):
            events.append(ErasedEvent(entry.index, entry.order))
        elif isinstance(entry, RecordEntry):
            statements = [
                Statement(field, (entry.index, field) in opened, opened.get((entry.index, field), ""))
                for field in sorted(entry.record.claims)
            ]
            name = names.get(entry.record.actor, "")
            events.append(_event(entry, keyring, name, statements, windows[entry.index]))
    return tuple(events)


def _names(reading: Reading, opened: Mapping[tuple[int, str], JSON]) -> dict[str, str]:
    """Find the names of key holders in the opened statements of the registrations."""
    found: dict[str, str] = {}
    for entry in reading.records:
        if entry.record.type is RecordType.KEY_REGISTER:
            holder = opened.get((entry.index, HOLDER_FIELD))
            name = holder.get("name") if isinstance(holder, Mapping) else holder
            if isinstance(name, str):
                found |= dict.fromkeys(entry.record.controls(), name)
    return found


def _event(
    entry: RecordEntry, keyring: Keyring, name: str, statements: Sequence[Statement], window: Window
) -> Event:
    record, history = entry.record, keyring.find(entry.record.actor)
    return Event(
        index=entry.index,
        time=record.time,
        window=window,
        type=record.type,
        actor=record.actor,
        person=history.key.person if history else None,
        name=name,
        roles=tuple(sorted(history.key.roles)) if history else (),
        keys=record.controls(),
        case=record.case,
        subjects=record.subjects,
        statements=tuple(statements),
    )
