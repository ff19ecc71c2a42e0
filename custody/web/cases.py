"""Cases: the list, one case with people, authorities and exhibits, and the form of a new legal authority."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from custody import access
from custody.accounts.models import Person
from custody.acts import report as report_acts
from custody.transfers import OPEN_STATES
from custody.web.door import note_view, page, person_of
from custody.web.errors import is_fragment
from custody.web.exhibit_order import by_number
from evidence.cases import AuthorityKind, Case, DataCategory, LegalAuthority
from evidence.items import Item, ItemState

# As many rows as a browser shows and a person scrolls without waiting.
PER_PAGE = 200
MAX_SEARCH = 100


@dataclass(frozen=True)
class Validity:
    """A legal authority and whether it carries work now."""

    authority: LegalAuthority
    state: str
    words: str


def validity(authority: LegalAuthority, now: datetime) -> Validity:
    """Say in one word for the eye and in a few for the reader whether the authority is valid now."""
    if authority.ended_at is not None:
        return Validity(authority, "ended", "ended")
    if now < authority.valid_from:
        return Validity(authority, "future", "not valid yet")
    if now >= authority.valid_until:
        return Validity(authority, "expired", "expired")
    return Validity(authority, "valid", "valid")


def _searched(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:MAX_SEARCH]


@page
def case_list(request: HttpRequest) -> HttpResponse:
    """List the cases of the person who asks."""
    person = person_of(request)
    access.require_role(person, "case.view")
    q = _searched(request)
    rows = access.cases(person)
    if q:
        rows = rows.filter(Q(number__icontains=q) | Q(title__icontains=q) | Q(offence__icontains=q))
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "rows": _with_counts(person, list(shown)),
        "q": q,
        "opens": access.may(person, "case.open"),
        "sees_items": access.may(person, "item.view"),
    }
    return render(request, "cases/table.html" if is_fragment(request) else "cases/list.html", context)


def _with_counts(person: Person, cases: list[Case]) -> list[tuple[Case, int]]:
    """Put the number of exhibits beside each case."""
    rows = access.items(person).filter(case__in=cases).order_by().values("case").annotate(count=Count("uuid"))
    counts = {row["case"]: row["count"] for row in rows}
    return [(case, counts.get(case.pk, 0)) for case in cases]


@page
def case_page(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show one case; a filter of its exhibits asks for the table alone."""
    person = person_of(request)
    found = access.case(person, case)
    context = _exhibits(request, person, found)
    if is_fragment(request):
        return render(request, "cases/exhibits.html", context)
    note_view(request, "case", found.pk)
    return render(request, "cases/case.html", context | _overview(person, found))


def _overview(person: Person, case: Case) -> dict[str, Any]:
    now = timezone.now()
    transfers = access.transfers(person).filter(item__case=case)
    copies = access.derivatives(person).filter(item__case=case)
    return {
        "authorities": [validity(authority, now) for authority in case.authorities.all()],
        "people": case.people(),
        "open_transfers": transfers.filter(state__in=OPEN_STATES),
        "copies": by_number(copies, "item__exhibit_number")[:PER_PAGE],
        "reports": access.reports(person).filter(case=case, item__isnull=True)[:5],
        "may": {
            "assign": access.may(person, "case.assign"),
            "upload": access.may(person, "upload.make"),
            "authority": access.may(person, "authority.add"),
            "authority_end": access.may(person, "authority.end"),
            "victims": access.may(person, "victim.view"),
            "report": access.may(person, "report.request"),
            "reports": access.may(person, "report.view"),
            "copies": access.may(person, "derivative.view"),
            "transfers": access.may(person, "transfer.view"),
        },
    }


def _exhibits(request: HttpRequest, person: Person, case: Case) -> dict[str, Any]:
    q, state = _searched(request), request.GET.get("state", "")
    rows = access.items(person).filter(case=case)
    total = rows.count()
    return {
        "case": case,
        "page": _matching(rows, q, state, request.GET.get("page")),
        "total": total,
        "q": q,
        "state": state,
        "states": ItemState.choices,
        "sees_items": access.may(person, "item.view"),
    }


def _matching(rows: QuerySet[Item], q: str, state: str, number: str | None) -> Page[Item]:
    if q:
        rows = rows.filter(
            Q(exhibit_number__icontains=q)
            | Q(filename__icontains=q)
            | Q(sheet__description__icontains=q)
            | Q(sha256__startswith=q.lower())
            | Q(custodian__name__icontains=q)
        )
    if state in ItemState.values:
        rows = rows.filter(state=state)
    return Paginator(by_number(rows), PER_PAGE).get_page(number)


@page
def authority_new(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show the form of a legal authority; it is entered by the signed act `authority.add`."""
    person = person_of(request)
    found = access.open_case(person, case, "authority.add")
    context = {"case": found, "kinds": AuthorityKind.choices, "categories": DataCategory.choices}
    return render(request, "cases/authority_new.html", context)


@page
@require_POST
def case_report(request: HttpRequest, case: uuid.UUID) -> HttpResponseBase:
    """Ask for the custody report of the case."""
    params = {"case": str(case), "variant": request.POST.get("variant", "")}
    report = report_acts.request(person_of(request), params, timezone.now())
    return redirect("report", report=report.pk)
