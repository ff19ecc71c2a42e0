"""One exhibit: what it is, its digests, its metadata, its chain of custody, and opening the original."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from custody import access
from custody.accounts.models import Person
from custody.acts import examine
from custody.acts import report as report_acts
from custody.capability import content_url
from custody.errors import NotAllowedError
from custody.transfers import OPEN_STATES
from custody.web.chain import events
from custody.web.door import FormPage, note_view, page, person_of, source_of
from custody.web.metadata import shown
from evidence.cases import CaseStatus
from evidence.derivatives import DerivativeState
from evidence.items import Item, ItemClass, ItemState

IN_WORK = [DerivativeState.PLANNED, DerivativeState.MADE]


@page
def item_page(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """Show one exhibit, with the forms of what this person may do with it."""
    person = person_of(request)
    found = access.item(person, item)
    note_view(request, "item", found.pk)
    context: dict[str, Any] = {
        "item": found,
        "check": found.fixity_checks.first(),
        "transfer": access.transfers(person).filter(item=found, state__in=OPEN_STATES).first(),
        "copies": access.derivatives(person).filter(item=found).order_by("-created"),
        "reports": access.reports(person).filter(item=found)[:5],
        "may": {
            "chain": access.may(person, "item.chain"),
            "content": access.may(person, "item.content"),
            "correct": access.may(person, "correct"),
            "erase": access.may(person, "erasure"),
            "note": access.may(person, "note"),
            "copies": access.may(person, "derivative.view"),
            "metadata": access.may(person, "item.metadata"),
            "report": access.may(person, "report.request"),
            "reports": access.may(person, "report.view"),
        },
    }
    if context["may"]["chain"]:
        context["events"] = events(found)
    if context["may"]["metadata"]:
        context["metadata"] = [shown(row) for row in found.metadata.select_related("item__stored")]
    return render(request, "items/item.html", context | _offer(person, found) | _original(person, found))


def _offer(person: Person, item: Item) -> dict[str, Any]:
    """Return the takers to choose from, where this person may hand the exhibit over."""
    holds = item.custodian_id == person.pk and access.may(person, "transfer.offer")
    workable = item.state == ItemState.SEALED and item.case.status == CaseStatus.OPEN
    plans = workable and item.item_class != ItemClass.CONTRABAND and access.may(person, "redaction.plan")
    plans = plans and not access.derivatives(person).filter(item=item, state__in=IN_WORK).exists()
    if not (holds and workable):
        return {"hands_over": False, "plans_copy": plans}
    takers = [p for p in access.colleagues(item.case, "transfer.accept") if p.pk != person.pk]
    return {"hands_over": True, "takers": takers, "plans_copy": plans}


def _original(person: Person, item: Item) -> dict[str, Any]:
    """Say why this person may not open the original, if they may not."""
    if not access.may(person, "item.content"):
        return {}
    try:
        access.content(person, item.pk, timezone.now())
    except NotAllowedError as refusal:
        return {"original_refused": refusal.text}
    return {}


class OpenOriginal(FormPage):
    """The warning before the unredacted original is handed out, and the reason that is recorded for it."""

    template_name = "items/open.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"item": access.content(person_of(request), kwargs["item"], timezone.now())}

    def act(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        params = {"item": str(kwargs["item"]), "reason": request.POST.get("reason", "")}
        found = examine.open_unredacted(person_of(request), params, timezone.now(), source=source_of(request))
        return HttpResponseRedirect(
            content_url("item", found.uuid, found.stored_id, found.filename, found.content_type)
        )


open_original = page(OpenOriginal.as_view())


@page
@require_POST
def item_report(request: HttpRequest, item: uuid.UUID) -> HttpResponseBase:
    """Ask for the custody report of this exhibit."""
    params = {"item": str(item), "variant": request.POST.get("variant", "")}
    report = report_acts.request(person_of(request), params, timezone.now())
    return redirect("report", report=report.pk)
