"""The approval queue: accepted transfers, oldest first, and the page where a supervisor signs yes or no.

The page is read-only but for its form, which is an act signed in the browser like any other.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from custody import access
from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.admin.approval import look, why_not
from custody.admin.door import note_view, person_of
from custody.admin.readonly import ReadOnlyAdmin
from custody.transfers import Transfer, TransferState

WAITING = "waiting"


class StateFilter(SimpleListFilter):
    """What waits is shown first; everything else by choice."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in TransferState] + [("all", "all transfers")]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or TransferState.ACCEPTED
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": chosen == value, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        chosen = self.value() or TransferState.ACCEPTED
        return queryset if chosen == "all" else queryset.filter(state=chosen)


class TransferAdmin(ReadOnlyAdmin):
    """Transfers of the supervisor's unit."""

    roles = frozenset({Role.SUPERVISOR})
    title = "Transfers to approve"
    page_template = "admin/transfer.html"
    change_list_template = "admin/transfer_list.html"
    list_display = [
        "exhibit",
        "case_number",
        "from_to",
        "purpose_line",
        "waiting_since",
        "digests",
        "speaks_against",
    ]
    list_filter = [StateFilter]
    search_fields = ["item__exhibit_number", "item__case__number", "giver__name", "taker__name", "purpose"]
    search_help_text = "Exhibit, case number, giver, taker or purpose"
    ordering = ["accepted_at", "requested_at", "pk"]

    def rows(self, person: Person) -> QuerySet[Transfer]:
        return access.transfers(person).select_related("item__authority")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = queue(person_of(request)) if self.has_view_permission(request) else []
        context = {"first": waiting[0] if waiting else None, "waiting": len(waiting)}
        return super().changelist_view(request, context | (extra_context or {}))

    def context(self, request: HttpRequest, row: Transfer) -> dict[str, Any]:
        person, now = person_of(request), timezone.now()
        note_view(request, "transfer", row.pk)
        waiting = queue(person)
        place = waiting.index(row) if row in waiting else None
        others = [one for one in waiting if one != row]
        following = (waiting[place + 1 :] or others) if place is not None else waiting
        return {
            "title": f"Transfer of {row.item.exhibit_number}",
            "approval": look(row, now),
            "why_not": why_not(person, row),
            "place": place + 1 if place is not None else None,
            "waiting": len(waiting),
            "next_url": self.url_of(following[0] if following else None),
            "previous_url": self.url_of(waiting[place - 1]) if place else "",
            "queue_url": self.url_of(None),
        }

    def url_of(self, transfer: Transfer | None) -> str:
        """Return the page of a transfer; of none, the queue."""
        if transfer is None:
            return reverse("admin:custody_transfer_changelist")
        return reverse(self.link, args=[transfer.pk])

    @display(description="exhibit", ordering="item__exhibit_number")
    def exhibit(self, row: Transfer) -> str:
        return row.item.exhibit_number

    @display(description="case", ordering="item__case__number")
    def case_number(self, row: Transfer) -> str:
        return row.item.case.number

    @display(description="giver → taker")
    def from_to(self, row: Transfer) -> str:
        return f"{row.giver.name} → {row.taker.name}"

    @display(description="purpose")
    def purpose_line(self, row: Transfer) -> str:
        return row.purpose if len(row.purpose) <= 60 else f"{row.purpose[:59]}…"

    @display(description="waiting", ordering="accepted_at")
    def waiting_since(self, row: Transfer) -> str:
        if row.state != TransferState.ACCEPTED or row.accepted_at is None:
            return str(TransferState(row.state).label)
        return timesince(row.accepted_at, depth=1)

    @display(description="digests")
    def digests(self, row: Transfer) -> str:
        if not row.accept_digest:
            return "not read again yet"
        return "equal" if row.accept_digest == row.item.sha256 else "DIFFERENT"

    @display(description="remarks")
    def speaks_against(self, row: Transfer) -> str:
        if row.state != TransferState.ACCEPTED:
            return "–"
        approval = look(row, timezone.now())
        count = len(approval.remarks) + bool(approval.authority_objection) + approval.seal_changed
        if approval.stopped:
            return f"do not approve ({count})"
        return str(count) if count else "none"


def queue(person: Person) -> list[Transfer]:
    """Return what waits for this supervisor, oldest first; what others must decide is not in it."""
    rows = access.transfers(person).filter(state=TransferState.ACCEPTED)
    return list(rows.exclude(giver=person).exclude(taker=person).order_by("accepted_at", "pk"))
