"""Ask for a custody report, record its issue, and record each download before the first byte leaves."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from custody import access, bell, jobs
from custody.accounts.models import Person, note_access
from custody.acts import record
from custody.acts.fields import Fields
from custody.acts.plan import Plan, Result, filled
from custody.errors import ConflictError, InvalidError, NotReadyError
from custody.ledger import prove
from custody.ledger.append import Appended
from custody.proof.records import RecordType
from custody.reports.models import Report, ReportState
from custody.reports.variant import Variant
from evidence.derivatives import Derivative, DerivativeState
from evidence.items import Item, StoredObject


def request(person: Person, params: dict[str, Any], now: datetime) -> Report:
    """Ask for the report of a case or of one item, sealed unless a public one is wanted; a worker makes it."""
    fields = Fields(params)
    variant = fields.choice("variant", "The copy", list(Variant), required=False) or Variant.SEALED
    item = None
    if params.get("item"):
        item = access.item(person, fields.key("item", "The exhibit"), "report.request")
        case = item.case
    elif params.get("case"):
        case = access.case(person, fields.key("case", "The case"), "report.request")
    else:
        raise InvalidError("Say of which case or exhibit.", fields={"case": "Give a case or an item."})
    fields.done()
    with transaction.atomic():
        report = Report.objects.create(
            case=case, item=item, requested_by=person, requested_at=now, variant=variant
        )
        job = jobs.add(kind=jobs.JobKind.REPORT, subject=report.uuid, recipe="v1", now=now)
        bell.ring_job_on_commit(job.pk)
    return report


def issued(
    report_id: uuid.UUID,
    stored: StoredObject,
    *,
    sha256: str,
    revision0_sha256: str,
    checkpoint_size: int,
    withheld: list[str],
    now: datetime,
) -> None:
    """Record that the report was issued: the record commits to revision 0 and to the sealed file."""
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(of=("self",))
            .select_related("case", "requested_by")
            .get(pk=report_id)
        )
        if report.state != ReportState.WAITING:
            return

        def apply(entry: Appended) -> Result:
            stored.save(force_insert=True)
            Report.objects.filter(pk=report.pk).update(
                state=ReportState.READY,
                stored=stored,
                sha256=sha256,
                revision0_sha256=revision0_sha256,
                size=stored.size,
                checkpoint_size=checkpoint_size,
                withheld=withheld,
                issued_entry=entry.index,
            )
            return {}

        claims = {
            "report": str(report.uuid),
            "variant": report.variant,
            "revision0_sha256": revision0_sha256,
            "sha256": sha256,
            "requested_by": report.requested_by.identity(),
            "item": str(report.item_id) if report.item_id else "",
            "withheld_fields": len(withheld),
        }
        record.by_service(
            Plan(type=RecordType.REPORT_ISSUED, case=report.case_id, claims=filled(claims), apply=apply), now
        )


def failed(report_id: uuid.UUID, problem: str) -> None:
    """The report could not be made: say why; nothing was issued."""
    Report.objects.filter(pk=report_id, state=ReportState.WAITING).update(
        state=ReportState.FAILED, problem=problem
    )


def download_report(person: Person, report_id: uuid.UUID, now: datetime, *, source: str) -> Report:
    """Record the download of a custody report, then let it go."""
    report = access.report(person, report_id, "report.download")
    if report.state != ReportState.READY:
        raise ConflictError("This report is not ready yet.", code="not_ready")
    what = {"report": str(report.uuid), "sha256": report.sha256}
    _record_download(person, report.case_id, (), what, now)
    note_access(
        person=person,
        act="report.download",
        now=now,
        object_kind="report",
        object_id=report.uuid,
        recipient=person.agency,
        source=source,
        octets=report.size,
    )
    return report


def receipt(person: Person, report_id: uuid.UUID) -> str:
    """Return the receipt of an issued report. It names nobody, so that it leaves is no act of its own."""
    report = access.report(person, report_id, "report.download")
    if report.state != ReportState.READY or report.issued_entry is None:
        raise ConflictError("This report is not ready yet.", code="not_ready")
    text = prove.receipt_of_report(report.issued_entry)
    if text is None:
        raise NotReadyError("The report is issued; its receipt is published within a minute.")
    return text


def download_derivative(
    person: Person, derivative_id: uuid.UUID, now: datetime, *, source: str
) -> Derivative:
    """Record the download of a released redacted copy, then let it go."""
    derivative = access.derivative(person, derivative_id, "derivative.download")
    preview = derivative.state == DerivativeState.MADE and access.may(person, "redaction.release")
    if derivative.state != DerivativeState.RELEASED and not preview:
        raise ConflictError("This copy was not released.", code="not_released")
    what = {"derivative": str(derivative.uuid), "sha256": derivative.sha256, "preview": preview}
    _record_download(person, derivative.item.case_id, (derivative.item_id,), what, now)
    note_access(
        person=person,
        act="derivative.download",
        now=now,
        object_kind="derivative",
        object_id=derivative.uuid,
        recipient=person.agency,
        source=source,
        octets=derivative.size,
    )
    return derivative


def _record_download(
    person: Person, case_id: uuid.UUID, items: tuple[uuid.UUID, ...], what: dict[str, Any], now: datetime
) -> None:
    with transaction.atomic():
        list(Item.objects.select_for_update().filter(pk__in=items))

        def apply(entry: Appended) -> Result:
            Item.objects.filter(pk__in=items).update(last_entry=entry.index)
            return {}

        claims = filled(what | {"recipient": person.identity()})
        plan = Plan(
            type=RecordType.DISCLOSURE_DOWNLOAD, case=case_id, items=items, claims=claims, apply=apply
        )
        record.by_service(plan, now)
