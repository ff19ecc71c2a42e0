"""Fills the custody report from a verified bundle: never from tables, so that its reader can check it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from custody.proof import bundle
from custody.proof import checkpoint as notes
from custody.proof.enrolment import EnrolledKey
from custody.proof.findings import STEPS, FindingCode, counted
from custody.proof.findings import Level as FindingLevel
from custody.proof.records import RecordType
from custody.proof.verdict import Verdict
from custody.reports import continuity, exhibits, holdings
from custody.reports.content import (
    NOT_APPLICABLE,
    NOT_RECORDED,
    WITHHELD,
    Absent,
    Authority,
    Change,
    Check,
    Event,
    Level,
    Log,
    Person,
    ReportContent,
    Scope,
    Signer,
    Value,
    moment,
    stated,
)
from custody.reports.story import Story, Told
from custody.reports.variant import MARKS, Variant
from evidence.cases import AuthorityKind, DataCategory
from evidence.metadata.outcome import Outcome

VERIFIER = "python -m custody.proof REPORT.pdf --policy policy.txt"
WORDS = {
    RecordType.CASE_OPEN: "Case opened",
    RecordType.CASE_ASSIGN: "Person assigned to or taken off the case",
    RecordType.CASE_CLOSE: "Case closed",
    RecordType.AUTHORITY_ADD: "Legal authority entered",
    RecordType.AUTHORITY_END: "Legal authority ended",
    RecordType.ITEM_INTAKE: "Taken into custody",
    RecordType.ITEM_QUARANTINE: "Quarantined: the declared digest differs",
    RecordType.ITEM_METADATA: "Metadata extracted from a working copy",
    RecordType.TRANSFER_OFFER: "Transfer requested by the custodian",
    RecordType.TRANSFER_ACCEPT: "Transfer accepted after a fresh re-hash",
    RecordType.TRANSFER_REFUSE: "Transfer refused by the taker",
    RecordType.TRANSFER_WITHDRAW: "Transfer withdrawn by the giver",
    RecordType.TRANSFER_APPROVE: "Transfer approved: custody moved",
    RecordType.TRANSFER_REJECT: "Transfer refused by the supervisor",
    RecordType.REDACTION_PLAN: "Redacted copy ordered",
    RecordType.DERIVATIVE_MAKE: "Redacted copy made and checked for leaks",
    RecordType.REDACTION_RELEASE: "Redacted copy decided on by a second person",
    RecordType.FIXITY_CHECK: "Stored bytes read again",
    RecordType.ACCESS_UNREDACTED: "Unredacted original opened",
    RecordType.DISCLOSURE_DOWNLOAD: "Download recorded",
    RecordType.REPORT_ISSUED: "Custody report issued",
}
CHECKPOINT = STEPS.index("Checkpoint")
OUTSIDE_TIME = STEPS.index("Outside time stamps")

# The claim that says to whom something was done.
CONCERNED = {
    RecordType.CASE_ASSIGN: "person",
    RecordType.DISCLOSURE_DOWNLOAD: "recipient",
    RecordType.ACCESS_UNREDACTED: "by",
}
# Checks of one step that are printed one by one when all are in order; of a large case there are hundreds.
MOST_FINE = 3
ALWAYS_ABSENT = frozenset({RecordType.GENESIS, RecordType.KEY_REGISTER, RecordType.KEY_REVOKE})


@dataclass(frozen=True)
class Request:
    """What the report is of, and for whom it is made."""

    report_id: uuid.UUID
    case_id: uuid.UUID
    item_id: uuid.UUID | None
    agency: str
    prepared_for: Person
    printed: datetime
    variant: Variant
    withheld: tuple[str, ...]
    genesis_pin: str
    log_vkey: str
    seal_pin: str
    test_seal: bool


def assemble(request: Request, parts: bundle.BundleParts, verdict: Verdict) -> ReportContent:
    """Turn bundle and verdict into the content of the report."""
    story = Story(parts)
    given = _authorities(story)
    numbers = {str(claims.get("authority")): f"A{n}" for n, claims in enumerate(given, 1)}
    checkpoint = notes.parse_checkpoint(notes.parse_note(parts.checkpoint).text)
    printed = moment(request.printed)
    named = exhibits.labels(story)
    items = [request.item_id] if request.item_id else story.items()
    wanted = {item: named.get(item, str(item)) for item in items}
    found = continuity.examine(story, wanted, request.printed)
    line = holdings.timeline(story, wanted, found.periods, request.printed)
    case = _case(story)
    return ReportContent(
        scope=Scope.ITEM if request.item_id else Scope.CASE,
        report_id=str(request.report_id),
        agency=request.agency,
        case_number=case["number"],
        case_title=case["title"],
        case_id=str(request.case_id),
        offence=case["offence"],
        unit=case["unit"],
        prepared_by=Person(name=request.agency, role="Machine of the agency", agency=request.agency),
        prepared_for=request.prepared_for.name if request.variant is Variant.SEALED else WITHHELD,
        variant=request.variant,
        handling=MARKS[request.variant],
        log=Log(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=parts.checkpoint.split("\n")[2],
            genesis=request.genesis_pin,
            key=request.log_vkey,
            outside_time=_outside_time(parts, verdict),
            witnesses=_witnesses(verdict),
        ),
        verifier_command=VERIFIER,
        authorities=tuple(_authority(f"A{n}", claims, story) for n, claims in enumerate(given, 1)),
        items=tuple(exhibits.item(story, item_id, numbers) for item_id in wanted),
        transfers=tuple(exhibits.transfers(story, named)),
        events=tuple(_event(story, named, t) for t in story.told if t.record.type not in ALWAYS_ABSENT),
        changes=tuple(_changes(story)),
        timeline=line or NOT_RECORDED,
        continuity=f"Computed by fixed rules over every record of the scope, up to {printed}.",
        questions=found.questions,
        gaps=found.gaps,
        closed=sum(len(t.record.claims) - len(t.opened) for t in story.told),
        withheld=request.withheld,
        checks=tuple(_checks(verdict)),
        signers=tuple(_signers(story)),
        seal_authority=request.seal_pin,
        test_seal=request.test_seal,
    )


def _outside_time(parts: bundle.BundleParts, verdict: Verdict) -> str:
    """Say what outside time stamps in the bundle bound, in the verifier's own sentences."""
    if not parts.anchors:
        return "none configured; times are the signers' statements, in the order of the log"
    told = [f.sentence for f in verdict.findings if f.step == OUTSIDE_TIME and f.index is None]
    return " ".join(told)


def _witnesses(verdict: Verdict) -> str:
    """Say which witnesses have cosigned the head of the log, in the verifier's own sentences."""
    told = [f for f in verdict.findings if f.step == CHECKPOINT and "witness" in f.sentence.casefold()]
    if not told or any(f.code is FindingCode.NO_WITNESS for f in told):
        return "none configured"
    return " ".join(f.sentence for f in told)


def _case(story: Story) -> dict[str, Value]:
    """Return what the case is called: from its opening, or from the intake of the one item."""
    names = ("number", "title", "offence", "unit")
    for told in story.of(RecordType.CASE_OPEN):
        return {name: told.text(name) for name in names}
    for told in story.of(*exhibits.FIRST):
        value = told.value("case")
        if isinstance(value, dict):
            return {name: value.get(name) or NOT_RECORDED for name in names}
        return dict.fromkeys(names, value)
    return dict.fromkeys(names, NOT_RECORDED)


def _authorities(story: Story) -> list[dict[str, Any]]:
    """Return the legal authorities as claimed: entered for the case, or named at the item's intake."""
    fields = ("authority", "kind", "issuer", "reference", "scope", "categories", "valid_from", "valid_until")
    entered = [{name: told.value(name) for name in fields} for told in story.of(RecordType.AUTHORITY_ADD)]
    if entered:
        return entered
    named = [told.value("authority") for told in story.of(*exhibits.FIRST)]
    return [value for value in named if isinstance(value, dict)]


def _authority(number: str, claims: dict[str, Any], story: Story) -> Authority:
    def text(name: str) -> Value:
        value = claims.get(name, NOT_RECORDED)
        return value if isinstance(value, Absent) else str(value)

    ended = [t for t in story.of(RecordType.AUTHORITY_END) if t.value("authority") == claims.get("authority")]
    kind, categories = claims.get("kind", NOT_RECORDED), claims.get("categories", NOT_RECORDED)
    labels = categories
    if not isinstance(categories, Absent):
        labels = ", ".join(str(DataCategory(c).label) for c in categories)
    return Authority(
        number=number,
        kind=kind if isinstance(kind, Absent) else str(AuthorityKind(kind).label),
        issued_by=text("issuer"),
        reference=text("reference"),
        scope=text("scope"),
        categories=labels,
        valid_from=stated(text("valid_from")),
        valid_until=stated(text("valid_until")),
        status=f"ended {moment(ended[0].record.time)}" if ended else NOT_APPLICABLE,
    )


def _event(story: Story, named: Mapping[uuid.UUID, str], told: Told) -> Event:
    return Event(
        record=told.index,
        kind=WORDS.get(told.record.type, str(told.record.type)),
        claimed=moment(told.record.time),
        recorded=NOT_RECORDED,
        actor=story.actor(told),
        key=told.record.actor,
        exhibits=tuple(named.get(s.item, str(s.item)) for s in told.record.subjects),
        purpose=_first(told, "purpose", "reason"),
        place=_first(told, "place"),
        outcome=_first(told, "outcome", "leak_check", "decision"),
        authority=_first(told, "authority") if "purpose" in told.record.claims else NOT_APPLICABLE,
        detail=_detail(told),
        concerns=told.person(CONCERNED[told.record.type]) if told.record.type in CONCERNED else Person(),
        before=exhibits.digest(told, "parent_sha256") or exhibits.digest(told, "expected_sha256"),
        after=exhibits.digest(told, "sha256"),
        refs=tuple(story.by_leaf[ref].index for ref in told.record.refs if ref in story.by_leaf),
    )


def _first(told: Told, *claims: str) -> Value:
    for claim in claims:
        if claim in told.record.claims:
            return told.text(claim)
    return NOT_APPLICABLE


def _detail(told: Told) -> Value:
    """Say in words what the typed columns have no place for."""
    kind = told.record.type
    if kind is RecordType.CASE_ASSIGN:
        return "taken off the case" if told.value("act") == "end" else "assigned to the case"
    if kind is RecordType.DERIVATIVE_MAKE:
        made, tool = told.value("replacements"), told.text("tool")
        if made is WITHHELD or tool is WITHHELD:
            return WITHHELD
        return f"{0 if isinstance(made, Absent) else made} replacements; tool {_plain(tool)}"
    if kind is RecordType.REDACTION_RELEASE and "pixels_reason" in told.record.claims:
        return f"Pixels not examined by machine; reason given: {_plain(told.text('pixels_reason'))}"
    if kind is RecordType.ITEM_METADATA:
        rows = told.value("extractors")
        return _extractors(rows) if isinstance(rows, list) else _first(told, "extractors")
    return _first(told, "note", "detail", "problem")


def _extractors(rows: list[Any]) -> str:
    """How many answered, and which of them found the file damaged."""
    damaged = [
        str(row.get("extractor"))
        for row in rows
        if isinstance(row, dict) and row.get("outcome") == Outcome.DAMAGED
    ]
    words = f"{len(rows)} extractors answered"
    return f"{words}; found damaged by {', '.join(damaged)}" if damaged else words


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else value.value


def _changes(story: Story) -> list[Change]:
    """List the changes to the data that the exhibit forms say could not be avoided."""
    found = []
    for told in story.of(RecordType.ITEM_INTAKE):
        sheet = told.value("sheet")
        what = sheet.get("changes") if isinstance(sheet, dict) else None
        if what:
            found.append(
                Change(
                    exhibits=(exhibits.label_of(told),),
                    when=stated(sheet.get("acquired_at", NOT_RECORDED)),
                    what=what,
                    why=NOT_RECORDED,
                    by=Person(name=sheet.get("acquired_by", NOT_RECORDED)),
                    record=told.index,
                )
            )
    return found


def _checks(verdict: Verdict) -> Iterator[Check]:
    """Print every remark and failure, and of a step that found many things in order that it did."""
    for step, name in enumerate(STEPS):
        found = [each for each in verdict.findings if each.step == step]
        fine = [each for each in found if each.level is FindingLevel.OK]
        if len(fine) > MOST_FINE:
            yield Check(Level.OK, f"{name}: {counted(len(fine), 'check')}, all in order.")
        for each in found:
            if each.level is not FindingLevel.OK or len(fine) <= MOST_FINE:
                yield Check(Level(each.level.value), each.sentence)


def _kind(key: EnrolledKey) -> str:
    if key.passkey is None:
        return f"{key.kind} key"
    return "passkey that can be copied" if key.passkey.backup_eligible else "passkey bound to one device"


def _signers(story: Story) -> list[Signer]:
    revoked = {keyid for t in story.of(RecordType.KEY_REVOKE) for keyid in t.record.controls()}
    return [
        Signer(
            person=story.holder(key, told),
            key=key.keyid,
            kind=f"{key.alg}, {_kind(key)}",
            registered=told.index,
            status="revoked" if key.keyid in revoked else "registered",
        )
        for key, told in story.enrolled()
    ]
