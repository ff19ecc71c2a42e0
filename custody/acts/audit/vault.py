"""Check every stored object of exhibits, redacted copies and reports against its row and the ledger.

Uploads that wait for a signature are read too, against their row alone. `evidence/audit_vault.py` reads; this
file says what should be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from custody.acts.audit.rows import batches
from custody.errors import ConflictError
from custody.ledger import history
from custody.ledger.models import Entry, Subject
from custody.proof.errors import ProofError
from custody.reports.models import Report
from evidence.audit_vault import Checked, Expected, check, leftovers
from evidence.derivatives import Derivative
from evidence.items import Item, StoredObject
from evidence.uploads import Upload, UploadState
from evidence.vault.local import Orphan

# Uploads whose bytes lie in staging.
STAGED = (UploadState.RECEIVING, UploadState.RECEIVED)


def check_objects() -> Iterator[Checked]:
    """Read every object; one result each, as they come."""
    for expected in _expected():
        yield check(expected)


def list_leftovers() -> Iterator[Orphan]:
    """List files that no row accounts for. Young ones may belong to work under way."""
    objects = set(
        StoredObject.objects.exclude(upload__state=UploadState.CANCELLED).values_list("pk", flat=True)
    )
    staged = set(Upload.objects.filter(state__in=STAGED).values_list("stored_id", flat=True))
    return leftovers(objects, staged)


def _expected() -> Iterator[Expected]:
    items = Item.objects.select_related("stored").order_by("pk").iterator(chunk_size=500)
    for rows in batches(items):
        firsts = _first_entries(row.pk for row in rows)
        for row in rows:
            claim, objection = _claim(firsts.get(str(row.pk)))
            what = f"exhibit {row.exhibit_number} ({row.pk})"
            yield Expected(what, row.stored, row.size, row.sha256, claim, objection)
    derivatives = Derivative.objects.filter(stored__isnull=False).select_related("stored").order_by("pk")
    for copy in derivatives.iterator(chunk_size=500):
        claim, objection = _claim(copy.made_entry)
        yield _of(f"redacted copy {copy.pk}", copy.stored, copy.size, copy.sha256, claim, objection)
    for report in (
        Report.objects.filter(stored__isnull=False).select_related("stored").iterator(chunk_size=500)
    ):
        claim, objection = _claim(report.issued_entry)
        yield _of(f"report {report.pk}", report.stored, report.size, report.sha256, claim, objection)
    waiting = Upload.objects.filter(state=UploadState.READY).select_related("stored")
    for upload in waiting.iterator(chunk_size=500):
        yield Expected(f"upload {upload.pk}", upload.stored, upload.size, upload.sha256)


def _of(
    what: str, stored: StoredObject | None, size: int | None, sha256: str, claim: str, objection: str
) -> Expected:
    assert stored is not None, "the query asked for rows with an object"
    return Expected(what, stored, size, sha256, claim, objection)


def _first_entries(items: Iterable[object]) -> dict[str, int]:
    rows = Subject.objects.filter(namespace="item", key__in=[str(item) for item in items])
    found: dict[str, int] = {}
    for key, entry in rows.order_by("-entry").values_list("key", "entry"):
        found[key] = entry
    return found


def _claim(index: int | None) -> tuple[str, str]:
    """Return the digest that the ledger committed to, and why it cannot be relied upon, if so."""
    if index is None:
        return "", "No entry of the ledger speaks of it."
    try:
        told = history.read(index)
        values = history.verified_openings(told, history.openings([index]).get(index, {}))
    except Entry.DoesNotExist:
        return "", f"Entry {index} of the ledger, which made it, is not there."
    except (ProofError, ConflictError) as error:
        return "", f"Entry {index} of the ledger, which made it, cannot be relied upon: {error}"
    return str(values.get("sha256", "")), ""
