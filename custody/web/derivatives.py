"""One redacted copy: what was replaced, what the leak check looked at and what not, and the decision."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from custody import access
from custody.accounts.models import Person
from custody.acts import report as report_acts
from custody.capability import content_url
from custody.web.door import note_view, page, person_of, source_of
from evidence.cases import CaseStatus
from evidence.derivatives import Derivative, DerivativeState
from evidence.redaction.registry import remark_sentence


@page
def derivative_page(request: HttpRequest, derivative: uuid.UUID) -> HttpResponse:
    """Show the copy and, to the second person, the form of the decision."""
    person = person_of(request)
    found = access.derivative(person, derivative)
    note_view(request, "derivative", found.pk)
    return render(request, "derivatives/derivative.html", _context(person, found))


@page
def derivative_state(request: HttpRequest, derivative: uuid.UUID) -> HttpResponse:
    """Return the state alone; the page asks for it until the copy is made, then loads itself again."""
    found = access.derivative(person_of(request), derivative)
    response = render(request, "derivatives/state.html", {"copy": found})
    if found.state != DerivativeState.PLANNED:
        response["HX-Refresh"] = "true"
    return response


def _context(person: Person, copy: Derivative) -> dict[str, Any]:
    waits = copy.state == DerivativeState.MADE and copy.item.case.status == CaseStatus.OPEN
    may_decide = waits and access.may(person, "redaction.release")
    is_released = copy.state == DerivativeState.RELEASED
    return {
        "copy": copy,
        "item": copy.item,
        "sees_item": access.may(person, "item.view"),
        "sees_check": access.may(person, "redaction.release"),
        "replacements": replacements(copy),
        "findings": findings(copy),
        "remarks": [remark_sentence(remark) for remark in copy.remarks],
        "is_planner": copy.planner_id == person.pk,
        "decides": may_decide and copy.planner_id != person.pk,
        "downloads": access.may(person, "derivative.download") and (is_released or may_decide),
        "is_preview": not is_released,
    }


def replacements(copy: Derivative) -> list[tuple[str, str, int]]:
    """Count the replacements by pseudonym and kind; what was replaced stands nowhere."""
    counts = Counter((hit["pseudonym"], hit["kind"]) for hit in copy.hits)
    return [(pseudonym, kind.replace("_", " "), count) for (pseudonym, kind), count in sorted(counts.items())]


def findings(copy: Derivative) -> list[str]:
    """Say what the leak check found, by pseudonym and place; never what stands there."""
    found = []
    for one in copy.leak_check.get("findings", []):
        what = str(one["code"]).replace("_", " ")
        if one.get("pseudonym"):
            what = f"{one['pseudonym']} can still be found ({str(one['kind']).replace('_', ' ')})"
        found.append(f"{what}, in: {one['where']}" if one.get("where") else what)
    return found


@page
@require_POST
def derivative_download(request: HttpRequest, derivative: uuid.UUID) -> HttpResponseBase:
    """Record the download, then send the browser to the copy."""
    found = report_acts.download_derivative(
        person_of(request), derivative, timezone.now(), source=source_of(request)
    )
    return HttpResponseRedirect(
        content_url("derivative", found.uuid, found.stored_id, found.filename, found.content_type)
    )
