"""Write a verdict for people: the verdict, then the steps in plain sentences, then what happened and when.

Everything that comes from the bundle is made harmless for a terminal: characters that are not printable are
written as escapes. Decides nothing.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from .canonical import JSON
from .findings import STEPS, Finding, FindingCode, Level
from .members import format_time
from .records import RecordType
from .verdict import ErasedEvent, Event, Outcome, Statement, Verdict
from .verify_times import Window, in_words

_WIDTH = 100
_MARKS = {Level.OK: "ok", Level.REMARK: "remark", Level.FAILURE: "FAILED"}

# What a record says happened, in the words of the custody form.
WORDS: Mapping[RecordType, str] = MappingProxyType(
    {
        RecordType.GENESIS: "log opened",
        RecordType.KEY_REGISTER: "signing key enrolled",
        RecordType.KEY_REVOKE: "signing key revoked",
        RecordType.KEY_SUSPECT: "signing key suspected",
        RecordType.POLICY_UPDATE: "policy of the log changed",
        RecordType.ITEM_INTAKE: "exhibit taken in",
        RecordType.ITEM_QUARANTINE: "upload put into quarantine",
        RecordType.ITEM_METADATA: "metadata extracted",
        RecordType.TRANSFER_OFFER: "transfer offered",
        RecordType.TRANSFER_ACCEPT: "transfer accepted",
        RecordType.TRANSFER_REFUSE: "transfer refused",
        RecordType.TRANSFER_WITHDRAW: "transfer withdrawn",
        RecordType.TRANSFER_APPROVE: "transfer approved, custody moved",
        RecordType.TRANSFER_REJECT: "transfer rejected by the supervisor",
        RecordType.STORAGE_IN: "put into storage",
        RecordType.STORAGE_OUT: "taken out of storage",
        RecordType.SEAL_APPLY: "seal applied",
        RecordType.SEAL_BREAK: "seal broken",
        RecordType.EXAM_START: "examination begun",
        RecordType.EXAM_END: "examination ended",
        RecordType.HASH_VERIFY: "hash compared",
        RecordType.COPY_MAKE: "copy made",
        RecordType.DISPOSE: "disposed of",
        RecordType.NOTE: "note",
        RecordType.CORRECT: "correction of an earlier record",
        RecordType.ANCHOR: "outside time stamp obtained",
        RecordType.ERASURE: "erasure ordered",
        RecordType.REPORT_ISSUED: "report issued",
        RecordType.CASE_OPEN: "case opened",
        RecordType.CASE_CLOSE: "case closed",
        RecordType.CASE_ASSIGN: "people assigned to the case",
        RecordType.AUTHORITY_ADD: "legal authority recorded",
        RecordType.AUTHORITY_END: "legal authority ended",
        RecordType.DERIVATIVE_MAKE: "redacted copy made",
        RecordType.REDACTION_PLAN: "redaction planned",
        RecordType.REDACTION_APPROVE: "redaction approved",
        RecordType.REDACTION_RELEASE: "decision on a redacted copy",
        RecordType.FIXITY_CHECK: "stored copy checked",
        RecordType.ACCESS_UNREDACTED: "unredacted content opened",
        RecordType.REVEAL_REQUEST: "reveal of an identity requested",
        RecordType.REVEAL_APPROVE: "reveal of an identity approved",
        RecordType.REVEAL_REFUSE: "reveal of an identity refused",
        RecordType.DISCLOSURE_GRANT: "disclosure granted",
        RecordType.DISCLOSURE_PACKAGE: "disclosure package made",
        RecordType.DISCLOSURE_DOWNLOAD: "download",
        RecordType.DISCLOSURE_RECEIPT: "receipt of a disclosure",
        RecordType.DISCLOSURE_REVOKE: "disclosure revoked",
        RecordType.HOLD_PLACE: "hold placed",
        RecordType.HOLD_RELEASE: "hold released",
        RecordType.DISPOSE_PROPOSE: "disposal proposed",
        RecordType.DISPOSE_APPROVE: "disposal approved",
        RecordType.DISPOSE_DONE: "disposal carried out",
        RecordType.LOG_DAILY: "access log of the day sealed",
        RecordType.TOOL_RUN: "tool run",
    }
)

_LIMITS = (
    "What this shows: who signed which statement, in which order, and that since then nothing was changed "
    "or, as far as said above, left out. What it does not show: that a statement is true, or that anything "
    "was unchanged before it was taken in."
)


def lines(verdict: Verdict, name: str) -> Iterator[str]:
    """Give the lines of the verdict on a file of this name."""
    yield from _headline(verdict, printable(name))
    yield ""
    for step, title in enumerate(STEPS):
        yield from _step(step, title, [finding for finding in verdict.findings if finding.step == step])
    for note in verdict.fork:
        yield from ("", "One of the two heads that the log signed:", *printable(note).split("\n"))
    if verdict.events:
        yield from ("", *_heading(verdict))
        for event in verdict.events:
            yield from _event(event)
    if verdict.outcome is not Outcome.NOT_VERIFIED:
        yield from ("", *textwrap.wrap(_LIMITS, _WIDTH))


def printable(text: str) -> str:
    """Write control characters and direction marks as escapes; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _headline(verdict: Verdict, name: str) -> Iterator[str]:
    if verdict.outcome is Outcome.VERIFIED:
        yield f"VERIFIED: {name}"
        yield "Every step that this verifier knows was run and found nothing wrong."
    elif verdict.outcome is Outcome.WITH_REMARKS:
        remarks = sum(finding.level is Level.REMARK for finding in verdict.findings)
        yield f"VERIFIED WITH REMARKS: {name}"
        yield f"Nothing contradicts the report, but read the remarks below first (there are {remarks})."
    else:
        failed = sorted({finding.step for finding in verdict.findings if finding.level is Level.FAILURE})
        yield f"NOT VERIFIED: {name}"
        yield "Failed in " + ", ".join(f"step {step} ({STEPS[step]})" for step in failed) + "."
        yield "Do not rely on this report."


def _step(step: int, title: str, findings: list[Finding]) -> Iterator[str]:
    levels = [finding.level for finding in findings]
    worst = next((level for level in (Level.FAILURE, Level.REMARK) if level in levels), Level.OK)
    if [finding.code for finding in findings] == [FindingCode.STEP_NOT_RUN]:
        yield f"{step:>2}  {title}: not run. {findings[0].sentence}"
        return
    yield f"{step:>2}  {title}: {_MARKS[worst]}"
    for finding in findings:
        place = "" if finding.index is None else f"Entry {finding.index}: "
        flag = "" if finding.level is Level.OK else f"[{_MARKS[finding.level]}: {finding.code}] "
        text = printable(f"{flag}{place}{finding.sentence}").replace("\n", " ")
        yield from textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _heading(verdict: Verdict) -> Iterator[str]:
    if verdict.outcome is Outcome.NOT_VERIFIED:
        yield "NOT PROVEN, because the report does not verify. What the bundle says happened:"
    else:
        yield "What happened, in the order of the log, as those who signed state it (times in UTC):"


def _event(event: Event | ErasedEvent) -> Iterator[str]:
    if isinstance(event, ErasedEvent):
        yield f"  (erased)              entry {event.index}, by the order in entry {event.order}"
        return
    time = format_time(event.time).replace("T", " ").rstrip("Z")
    yield f"  {time}   {WORDS[event.type]} (entry {event.index})"
    if event.subjects:
        yield "      item " + ", ".join(f"{one.item} (its record {one.seq})" for one in event.subjects)
    roles = ", ".join(role.replace("_", " ") for role in event.roles) or "unknown role"
    signer = printable(event.name) or f"person {event.person or 'unknown'}"
    yield f"      signed by {signer} ({roles}) with key {event.actor}"
    if event.window != Window():
        yield f"      outside time stamps: made {in_words(event.window)}"
    if event.keys != (event.actor,):
        yield from (f"      about key {key}" for key in event.keys)
    for statement in event.statements:
        yield from _statement(statement)


def _statement(statement: Statement) -> Iterator[str]:
    said = printable(_said(statement.value)) if statement.opened else "withheld"
    first, *rest = said.split("\n")
    yield f"      {statement.field}: {first}"
    yield from (f"          {line}" for line in rest)


def _said(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
