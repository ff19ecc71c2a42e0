"""Make a custody report: prove, decide what may be opened, verify, lay out, check for leaks, seal.

Slow work, so none of it is inside a transaction; only its end, `report.issued`, is. Whatever leaves has
passed a leak check that fails closed (clearance.py).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from custody.acts import anchor
from custody.acts import report as acts
from custody.acts.clearance import Cleared, NotIssuedError, Search, clear, last_look
from custody.acts.victims import registry
from custody.ledger import authorities, genesis, prove
from custody.ledger.keys import note_signer
from custody.proof import bundle
from custody.proof.findings import Level
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome, Verdict
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
from custody.reports.variant import Variant
from evidence import store

__all__ = ["NotIssuedError", "make"]


def make(report_id: UUID, now: datetime) -> None:
    """Make and issue one report. Raises NotIssuedError when it must not leave."""
    report = Report.objects.select_related("case", "requested_by").get(pk=report_id)
    if report.state != ReportState.WAITING:
        return
    search = Search(registry(report.case))
    scope = Scope(Namespace.ITEM, report.item_id) if report.item_id else Scope(Namespace.CASE, report.case_id)
    proven = prove.prove(scope.ns, str(scope.id), now)
    cleared = clear(proven.parts, Variant(report.variant), search)
    try:
        revision0 = _revision0(report, scope, cleared, search, now)
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
        withheld=list(cleared.withheld),
        now=now,
    )


def _stamp(signature: bytes) -> bytes | None:
    """Have the seal stamped by the clock of the moment: a long report may have taken minutes until here."""
    return anchor.stamp_signature(signature, timezone.now())


def _revision0(report: Report, scope: Scope, cleared: Cleared, search: Search, now: datetime) -> bytes:
    data = bundle.build(cleared.parts)
    verdict = _verified(data, scope)
    pins = agency_seal.pins()
    who = report.requested_by
    request = Request(
        report_id=report.uuid,
        case_id=report.case_id,
        item_id=report.item_id,
        agency=settings.AGENCY,
        prepared_for=Person(name=who.name, role=who.role, agency=who.agency),
        printed=now,
        variant=Variant(report.variant),
        withheld=cleared.withheld,
        genesis_pin=genesis.genesis_pin(),
        log_vkey=note_signer().vkey,
        seal_pin=pins[0] if pins else "",
        test_seal=agency_seal.installed().is_test,
    )
    content = assemble(request, cleared.parts, verdict)
    last_look(content, search)
    return render(content, data, created=now)


def _verified(data: bytes, scope: Scope) -> Verdict:
    """Judge the bundle as its reader will. Raises NotIssuedError if it does not verify."""
    policy = parse_policy(genesis.policy_text(agency_seal.pins()))
    verdict = verify_bundle(data, policy=policy, scope=scope)
    if verdict.outcome is Outcome.NOT_VERIFIED:
        codes = ", ".join(sorted({str(f.code) for f in verdict.findings if f.level is Level.FAILURE}))
        raise NotIssuedError(
            f"The ledger does not verify ({codes}); run replay_ledger before any report is issued."
        )
    return verdict
