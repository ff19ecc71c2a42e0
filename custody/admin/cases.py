"""Cases for their supervisors: open and close, assign people, enter and end authorities: signed acts all.

No exhibit, victim or file is shown here; those who work on the case see them on the ordinary pages.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from custody import access
from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.admin.door import note_view, person_of
from custody.admin.readonly import ReadOnlyAdmin
from custody.transfers import OPEN_STATES, Transfer
from evidence.cases import AuthorityKind, Case, CaseStatus, DataCategory, LegalAuthority

# These are never assigned to a case (acts/cases.py refuses them).
NOT_ASSIGNED = [Role.ADMINISTRATOR, Role.SERVICE]


class CaseAdmin(ReadOnlyAdmin):
    """Cases of the supervisor's unit."""

    roles = frozenset({Role.SUPERVISOR})
    title = "Cases"
    page_template = "admin/case.html"
    change_list_template = "admin/case_list.html"
    list_display = ["number", "title_line", "status_word", "people_count", "opened"]
    list_filter = ["status"]
    search_fields = ["number", "title", "offence"]
    search_help_text = "Number, title or offence"
    ordering = ["-opened_at"]

    def rows(self, person: Person) -> QuerySet[Case]:
        current = Count("assignment", filter=Q(assignment__until_entry__isnull=True), distinct=True)
        return Case.objects.filter(pk__in=access.cases(person).values("pk")).annotate(working=current)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("open/", view(self.open_page), name="evidence_case_open")]

    def open_page(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form that opens a case."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": "Open a case", "unit": person_of(request).unit, "page_url": self.page_pattern()}
        return self.render(request, "admin/case_open.html", context)

    def page_pattern(self) -> str:
        """Return the address of a case's page with the place for its id that the signing script fills."""
        return f"{reverse('admin:evidence_case_changelist')}{{case}}/"

    def context(self, request: HttpRequest, row: Case) -> dict[str, Any]:
        person, now = person_of(request), timezone.now()
        note_view(request, "case", row.pk)
        assigned = row.people()
        authorities = [Authority(one, one.ended_at, _standing(one, now)) for one in row.authorities.all()]
        return {
            "title": f"Case {row.number}",
            "case": row,
            "is_open": row.status == CaseStatus.OPEN,
            "assigned": assigned,
            "others": _others(assigned),
            "authorities": authorities,
            "kinds": AuthorityKind.choices,
            "categories": DataCategory.choices,
            "transfers": Transfer.objects.filter(item__case=row, state__in=OPEN_STATES).count(),
            "own_unit": person.unit == row.unit,
        }

    @display(description="title", ordering="title")
    def title_line(self, row: Case) -> str:
        return row.title

    @display(description="status", ordering="status")
    def status_word(self, row: Case) -> str:
        return str(CaseStatus(row.status).label)

    @display(description="people")
    def people_count(self, row: Any) -> int:
        return int(row.working)

    @display(description="opened", ordering="opened_at")
    def opened(self, row: Case) -> str:
        return f"{timezone.localtime(row.opened_at):%Y-%m-%d}"


class Authority:
    """A legal authority with what can be said of it today."""

    def __init__(self, row: LegalAuthority, ended: object, standing: str) -> None:
        self.row, self.is_ended, self.standing = row, ended is not None, standing

    @property
    def covers(self) -> str:
        return ", ".join(str(DataCategory(category).label) for category in self.row.categories)


def _standing(authority: LegalAuthority, now: Any) -> str:
    """Say why nothing can be done under it now; empty while it is valid for what it covers."""
    return authority.objection(authority.categories[0], now)


def _others(assigned: list[Any]) -> QuerySet[Person]:
    """Return who could be put on the case."""
    rows = Person.objects.filter(is_active=True).exclude(role__in=NOT_ASSIGNED)
    return rows.exclude(pk__in=[person.pk for person in assigned]).order_by("name")
