"""Make a custody report: prove, verify, decide what may be opened, lay out, check for leaks, seal.

Slow work, so none of it is inside a transaction; only its end, `report.issued`, is. Whatever leaves has
passed a leak check that fails closed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from custody.acts import anchor
from custody.acts import report as acts
from custody.acts.victims import registry
from custody.ledger import authorities, genesis, prove
from custody.ledger.keys import note_signer
from custody.proof import bundle, canonical
from custody.proof.findings import Level
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.records import Opening
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from custody.proof.verify_log import Scope
from custody.reports import agency_seal
from custody.reports.assemble import Request, assemble
from custody.reports.content import ContentError, Person
from custody.reports.fonts import FontError
from custody.reports.models import Report, ReportState
from custody.reports.render import RenderError, render
from custody.reports.seal import SealError
from custody.reports.sealing import sign
from evidence import store
from evidence.redaction.leak_check import scan_text
from evidence.redaction.leak_unpack import LayerLimitError
from evidence.redaction.registry import Protected

# Claims that name officials, from their accounts and never from free text: an official who shares a first
# name with a victim is not the victim, and must be named for the chain to be one.
OFFICIALS = frozenset(
    {
        "approver",
        "by",
        "custodian",
        "giver",
        "holder",
        "person",
        "recipient",
        "requested_by",
        "taker",
        "uploaded_by",
    }
)


class NotIssuedError(Exception):
    """The report was not made; the text is for a person and names nobody."""


@dataclasses.dataclass(frozen=True)
class Openable:
    """Which openings may leave: those that were searched and name no protected person."""

    searched: frozenset[tuple[int, str]]
    withheld: tuple[tuple[int, str], ...]

    def __call__(self, index: int, opening: Opening) -> bool:
        key = (index, opening.field)
        return key in self.searched and key not in self.withheld

    def sentences(self) -> tuple[str, ...]:
        """Say what is withheld and why, naming nobody."""
        return tuple(f"Record {index}, {field}: names a protected person." for index, field in self.withheld)


def make(report_id: uuid.UUID, now: datetime) -> None:
    """Make and issue one report. Raises NotIssuedError when it must not leave."""
    report = Report.objects.select_related("case", "requested_by").get(pk=report_id)
    if report.state != ReportState.WAITING:
        return
    protected = registry(report.case)
    scope = Scope(Namespace.ITEM, report.item_id) if report.item_id else Scope(Namespace.CASE, report.case_id)
    proven, openable = _prove(scope, protected, now)
    try:
        revision0 = _revision0(report, scope, proven.data, openable, protected, now)
        stamp = _stamp if authorities.configured() else None
        sealed = sign(revision0, agency_seal.installed(), reason="Custody report", now=now, stamp=stamp)
    except (ContentError, FontError, RenderError, SealError) as error:
        raise NotIssuedError(f"The report could not be made: {error}") from error
    # A crash after this line leaves a sealed object that no report names: an orphan, and the job runs again.
    stored, sha256 = store.save(report.case, sealed)
    acts.issued(
        report.uuid,
        stored,
        sha256=sha256,
        revision0_sha256=hashlib.sha256(revision0).hexdigest(),
        checkpoint_size=proven.checkpoint.size,
        withheld=list(openable.sentences()),
        now=now,
    )


def _stamp(signature: bytes) -> bytes | None:
    """Have the seal stamped by the clock of the moment: a long report may have taken minutes until here."""
    return anchor.stamp_signature(signature, timezone.now())


def _prove(scope: Scope, protected: list[Protected], now: datetime) -> tuple[prove.Proven, Openable]:
    """Prove with everything opened, search that, and prove again without what names somebody.

    The search is slow and outside the publishing lock; an opening that came meanwhile was not searched
    and stays closed.
    """
    proven = prove.prove(scope.ns, str(scope.id), lambda index, opening: True, now)
    parts = bundle.parse(proven.data).openings
    texts = {(part.index, part.opening.field): canonical.dumps(part.opening.value).decode() for part in parts}
    free = {key: text for key, text in texts.items() if key[1] not in OFFICIALS}
    withheld: list[tuple[int, str]] = []
    if protected and _names_somebody("\n".join(free.values()), protected):
        withheld = [key for key, text in free.items() if _names_somebody(text, protected)]
        if not withheld:
            raise NotIssuedError("Several texts together name a protected person; the report was not issued.")
    openable = Openable(frozenset(texts), tuple(withheld))
    if withheld:
        proven = prove.prove(scope.ns, str(scope.id), openable, now)
    return proven, openable


def _names_somebody(text: str, protected: list[Protected]) -> bool:
    """Search all layers; what could not be searched to the end counts as a hit."""
    try:
        return bool(scan_text(text, protected))
    except LayerLimitError:
        return True


def _revision0(
    report: Report, scope: Scope, data: bytes, openable: Openable, protected: list[Protected], now: datetime
) -> bytes:
    pins = agency_seal.pins()
    policy = parse_policy(genesis.policy_text(pins))
    verdict = verify_bundle(data, policy=policy, scope=scope)
    if verdict.outcome is Outcome.NOT_VERIFIED:
        codes = ", ".join(sorted({str(f.code) for f in verdict.findings if f.level is Level.FAILURE}))
        raise NotIssuedError(
            f"The ledger does not verify ({codes}); run replay_ledger before any report is issued."
        )
    who = report.requested_by
    request = Request(
        report_id=report.uuid,
        case_id=report.case_id,
        item_id=report.item_id,
        agency=settings.AGENCY,
        prepared_for=Person(name=who.name, role=who.role, agency=who.agency),
        printed=now,
        withheld=openable.sentences(),
        genesis_pin=genesis.genesis_pin(),
        log_vkey=note_signer().vkey,
        seal_pin=pins[0] if pins else "",
        test_seal=agency_seal.installed().is_test,
    )
    content = assemble(request, bundle.parse(data), verdict)
    # A page of the PDF holds glyph numbers, not letters: what it will say is searched before it is laid out.
    if protected and _names_somebody("\n".join(_words(content)), protected):
        raise NotIssuedError("The report would name a protected person; it was not issued.")
    return render(content, data, created=now)


# Sentences of our own that every report prints; an ordinary word in them ("may") can be part of a name.
FIXED = frozenset({"limits", "terms", "checks", "kind", "continuity", "explanation", "role"})


def _words(thing: object) -> Iterator[str]:
    """Yield every text of the report's content except the names of officials and our own fixed sentences."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Person):
        return
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            if field.name not in FIXED:
                yield from _words(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _words(part)
