"""Compares what machines wrote beside the ledger: re-readings, metadata, reports, the access log's days."""

from __future__ import annotations

from datetime import date

from cryptography.exceptions import InvalidTag

from custody.acts.audit.rows import NOT_OPENED, Claims, Columns, Comparison, NotOpened, batches
from custody.acts.audit.told import About
from custody.acts.examine import result_digest
from custody.acts.housekeeping import day_digest
from custody.proof.errors import MalformedError
from custody.proof.records import RecordType
from custody.reports.models import Report, ReportState
from evidence import answers
from evidence.items import FixityCheck, Metadata
from evidence.metadata.outcome import Extraction, Outcome
from evidence.vault.errors import VaultError


def compare_fixity(comparison: Comparison) -> None:
    """Every re-reading of stored bytes, with its outcome."""
    known = set()
    for batch in batches(comparison.account.entries[RecordType.FIXITY_CHECK]):
        claims = comparison.claims(about.index for about in batch)
        indices = [about.index for about in batch]
        known.update(indices)
        rows = {row.entry: row for row in FixityCheck.objects.filter(entry__in=indices)}
        for about in batch:
            row, what = rows.get(about.index), f"The re-reading of entry {about.index}"
            if row is None:
                comparison.missing(what, about.index)
            else:
                comparison.columns(what, about.index, _fixity(row, about, claims[about.index]))
    for pk, entry in FixityCheck.objects.values_list("pk", "entry").iterator(chunk_size=1000):
        if entry not in known:
            comparison.unknown(f"Re-reading {pk}", entry)


def _fixity(row: FixityCheck, about: About, claims: Claims) -> Columns:
    yield "item", row.item_id, about.item
    for name in ("outcome", "sha256", "detail"):
        yield name, getattr(row, name), claims.get(name)


def compare_metadata(comparison: Comparison) -> None:
    """What the extractors said of each exhibit, by the digest of all of it."""
    known = set()
    for batch in batches(comparison.account.entries[RecordType.ITEM_METADATA]):
        claims = comparison.claims(about.index for about in batch)
        for about in batch:
            known.add(about.index)
            rows = list(Metadata.objects.filter(entry=about.index).select_related("item__stored"))
            what = f"The metadata of entry {about.index}"
            if not rows:
                comparison.missing(what, about.index)
                continue
            digest, stated = _digest(rows), claims[about.index].get("result_sha256")
            pairs = [
                ("item", {row.item_id for row in rows}, {about.item}),
                ("answers", digest, NOT_OPENED if digest is NOT_OPENED else stated),
            ]
            comparison.columns(what, about.index, pairs)
    for pk, entry in Metadata.objects.values_list("pk", "entry").iterator(chunk_size=1000):
        if entry not in known:
            comparison.unknown(f"Metadata row {pk}", entry)


def _digest(rows: list[Metadata]) -> str | NotOpened:
    """Return the digest over the answers; nothing for altered ones, NOT_OPENED where their key is not there."""
    try:
        return result_digest([_extraction(row) for row in rows])
    except (MalformedError, ValueError, InvalidTag):
        return ""
    except VaultError:
        return NOT_OPENED


def _extraction(row: Metadata) -> Extraction:
    answer = answers.unseal(row)
    return Extraction(row.extractor, row.version, Outcome(row.outcome), answer.values, answer.message)


def compare_reports(comparison: Comparison) -> None:
    """Every issued report, with the digests that the record commits to."""
    known = set()
    for batch in batches(comparison.account.entries[RecordType.REPORT_ISSUED]):
        claims = comparison.claims(about.index for about in batch)
        indices = [about.index for about in batch]
        known.update(indices)
        rows = {row.issued_entry: row for row in Report.objects.filter(issued_entry__in=indices)}
        for about in batch:
            row, what = rows.get(about.index), f"The report of entry {about.index}"
            if row is None:
                comparison.missing(what, about.index)
            else:
                comparison.columns(what, about.index, _report(row, about, claims[about.index]))
    ready = Report.objects.filter(state=ReportState.READY).values_list("pk", "issued_entry")
    for pk, entry in ready.iterator(chunk_size=1000):
        if entry not in known:
            comparison.unknown(f"Report {pk}", entry)


def _report(row: Report, about: About, claims: Claims) -> Columns:
    yield "case", row.case_id, about.case
    yield "uuid", str(row.pk), claims.get("report")
    yield "state", row.state, ReportState.READY
    for name in ("sha256", "revision0_sha256"):
        yield name, getattr(row, name), claims.get(name)
    yield "item", str(row.item_id or ""), claims.get("item")
    yield "variant", row.variant, claims.get("variant", "sealed")  # as all were before there were two


def compare_access_log(comparison: Comparison) -> None:
    """The digest of each day of the access log; days that were purged as a whole are only mentioned."""
    for batch in batches(comparison.account.entries[RecordType.LOG_DAILY]):
        for index, claims in comparison.claims(about.index for about in batch).items():
            try:
                day = date.fromisoformat(str(claims.get("day")))
            except ValueError:  # erased, or tampered with, which step 11 has reported
                continue
            rows, digest = day_digest(day)
            purged = rows == 0
            pairs = [
                ("number of rows", rows, NOT_OPENED if purged else claims.get("rows")),
                ("rows", digest, NOT_OPENED if purged else claims.get("sha256")),
            ]
            comparison.columns(f"The access log of {day}", index, pairs)
