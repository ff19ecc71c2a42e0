"""The auditor's pages: the entries of the custody log, and the access log. No content, no identities.

An entry's page shows its record as it was signed, which holds commitments only; statements that were opened
are not shown here.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.contrib.admin import DateFieldListFilter, RelatedOnlyFieldListFilter, display
from django.contrib.admin.views.main import ChangeList
from django.db.models import BigIntegerField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from custody import access
from custody.accounts.models import AccessLog, Person, SigningKey
from custody.accounts.roles import LABELS, Role
from custody.admin.door import note_view
from custody.admin.readonly import ReadOnlyAdmin
from custody.ledger import publish
from custody.ledger.models import Entry, Subject
from custody.proof import digests, envelope, records
from custody.proof.errors import ProofError

ROLES = frozenset({Role.AUDITOR})


class Shown:
    """One entry as its bytes tell it; what cannot be read is said, not hidden."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.problem = ""

    @cached_property
    def envelope(self) -> envelope.Envelope | None:
        if self.entry.data is None:
            self.problem = "withheld by order"
            return None
        try:
            return envelope.parse_entry(bytes(self.entry.data))
        except ProofError as error:
            self.problem = f"cannot be read: {error}"
            return None

    @cached_property
    def record(self) -> records.Record | None:
        found = self.envelope
        if found is None or found.payload_type != records.RECORD_PAYLOAD_TYPE:
            return None
        try:
            return records.parse(found.payload)
        except ProofError as error:
            self.problem = f"cannot be read: {error}"
            return None

    @property
    def type(self) -> str:
        if self.record is not None:
            return str(self.record.type)
        return self.problem or "map head"

    @property
    def leaf_agrees(self) -> bool:
        data = self.entry.data
        return data is None or digests.leaf_hash(bytes(data)) == bytes(self.entry.leaf_hash)

    @property
    def payload(self) -> str:
        """Return the signed statement, laid out for reading."""
        found = self.envelope
        return json.dumps(json.loads(found.payload), indent=2, ensure_ascii=False) if found else ""


class EntryAdmin(ReadOnlyAdmin):
    """Every entry of the custody log."""

    roles = ROLES
    title = "Custody log"
    page_template = "admin/entry.html"
    list_display = ["number", "kind", "claimed", "recorded_at", "leaf", "published"]
    search_fields = ["subject__key__exact"]
    search_help_text = "The whole id of an exhibit, a case or a key"
    ordering = ["-seq"]

    def rows(self, person: Person) -> QuerySet[Entry]:
        if person.role not in ROLES or not access.may(person, "ledger.view"):
            return Entry.objects.none()
        newest = publish.newest()
        covered = Value(newest.size if newest else 0, output_field=BigIntegerField())
        return Entry.objects.annotate(covered=covered)

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        note_view(request, "entry", row.seq)
        shown = shown_of(row)
        return {
            "title": f"Entry {row.seq}",
            "shown": shown,
            "record": shown.record,
            "type": shown.type,
            "leaf": bytes(row.leaf_hash).hex(),
            "leaf_base64": digests.b64(bytes(row.leaf_hash)),
            "signers": _signers(shown),
            "subjects": Subject.objects.filter(entry=row).order_by("namespace", "key"),
            "is_published": row.seq < row.covered,
            "previous": row.seq - 1 if row.seq else None,
            "next": row.seq + 1 if Entry.objects.filter(pk=row.seq + 1).exists() else None,
        }

    @display(description="entry", ordering="seq")
    def number(self, row: Entry) -> str:
        return str(row.seq)

    @display(description="type")
    def kind(self, row: Entry) -> str:
        return shown_of(row).type

    @display(description="time stated (UTC)")
    def claimed(self, row: Entry) -> str:
        record = shown_of(row).record
        return f"{record.time:%Y-%m-%d %H:%M:%S}" if record else "–"

    @display(description="recorded (UTC)", ordering="recorded")
    def recorded_at(self, row: Entry) -> str:
        return f"{row.recorded:%Y-%m-%d %H:%M:%S}"

    @display(description="leaf hash")
    def leaf(self, row: Entry) -> str:
        return bytes(row.leaf_hash).hex()

    @display(description="published")
    def published(self, row: Any) -> str:
        return "yes" if row.seq < row.covered else "not yet"


def shown_of(row: Entry) -> Shown:
    """Read an entry once, however many columns ask."""
    shown: Shown = row.__dict__.setdefault("shown", Shown(row))
    return shown


def _signers(shown: Shown) -> list[dict[str, str]]:
    """Name the keys that signed, and whose they are."""
    if shown.envelope is None:
        return []
    known = {
        key.keyid: key
        for key in SigningKey.objects.filter(
            pk__in=[signature.keyid for signature in shown.envelope.signatures]
        ).select_related("person")
    }
    found = []
    for signature in shown.envelope.signatures:
        key = known.get(signature.keyid)
        who = (
            f"{key.person.name}, {LABELS[Role(key.person.role)]}"
            if key
            else "the log itself or an unknown key"
        )
        found.append({"keyid": signature.keyid, "who": who})
    return found


class AccessLogAdmin(ReadOnlyAdmin):
    """Who looked at what, when, from where and why."""

    roles = ROLES
    title = "Access log"
    list_display = ["at", "who", "act", "object", "outcome_word", "why", "to_whom", "source", "size"]
    list_display_links = None
    list_filter = [("when", DateFieldListFilter), "outcome", "act", ("person", RelatedOnlyFieldListFilter)]
    search_fields = ["object_id", "source", "justification", "recipient", "person__name", "person__username"]
    search_help_text = "Object id, address, person, justification or recipient"
    ordering = ["-id"]
    list_per_page = 100

    def rows(self, person: Person) -> QuerySet[AccessLog]:
        if person.role not in ROLES:
            return AccessLog.objects.none()
        return AccessLog.objects.select_related("person")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            note_view(request, "access-log", request.GET.urlencode())
        return super().changelist_view(request, extra_context)

    @display(description="when (UTC)", ordering="when")
    def at(self, row: AccessLog) -> str:
        moment = row.when.astimezone(timezone.get_fixed_timezone(0))
        return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 10000:02d}"

    @display(description="person", ordering="person__name")
    def who(self, row: AccessLog) -> str:
        return row.person.name if row.person else "nobody known"

    @display(description="object")
    def object(self, row: AccessLog) -> str:
        return f"{row.object_kind} {row.object_id}".strip() or "–"

    @display(description="outcome", ordering="outcome")
    def outcome_word(self, row: AccessLog) -> str:
        return row.outcome

    @display(description="justification")
    def why(self, row: AccessLog) -> str:
        return row.justification or "–"

    @display(description="bytes", ordering="octets")
    def size(self, row: AccessLog) -> str:
        return "–" if row.octets is None else str(row.octets)

    @display(description="recipient")
    def to_whom(self, row: AccessLog) -> str:
        return row.recipient or "–"
