"""Transfers: what waits for whom, and one transfer with what its taker must look at before signing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from custody import access
from custody.accounts.models import Person
from custody.transfers import OPEN_STATES, Transfer, TransferState
from custody.web.door import note_view, page, person_of
from evidence.items import FixityCheck, FixityOutcome

ENDED_SHOWN = 100


def waiting_for(person: Person) -> QuerySet[Transfer]:
    """Return the transfers that this person has to answer as the named taker."""
    return access.transfers(person).filter(taker=person, state=TransferState.REQUESTED)


def to_approve(person: Person) -> QuerySet[Transfer]:
    """Return the accepted transfers that this person may decide: those of other people."""
    if not access.may(person, "transfer.approve"):
        return Transfer.objects.none()
    accepted = access.transfers(person).filter(state=TransferState.ACCEPTED)
    return accepted.exclude(giver=person).exclude(taker=person)


@page
def transfer_list(request: HttpRequest) -> HttpResponse:
    """Show what waits for me, what I offered, what is open beside that, and what has ended."""
    person = person_of(request)
    access.require_role(person, "transfer.view")
    rows = access.transfers(person)
    is_open = rows.filter(state__in=OPEN_STATES)
    context = {
        "waiting": waiting_for(person),
        "offered": is_open.filter(giver=person),
        "others": is_open.exclude(giver=person).exclude(taker=person, state=TransferState.REQUESTED),
        "ended": rows.exclude(state__in=OPEN_STATES).order_by("-ended_at")[:ENDED_SHOWN],
    }
    return render(request, "transfers/list.html", context)


@page
def transfer_page(request: HttpRequest, transfer: uuid.UUID) -> HttpResponse:
    """Show one transfer and the forms of those whose turn it is."""
    person = person_of(request)
    found = access.transfer(person, transfer)
    note_view(request, "transfer", found.pk)
    context = {
        "transfer": found,
        "is_giver": found.giver_id == person.pk and found.is_open,
        "approves": found in to_approve(person),
        **_taker_part(person, found),
    }
    return render(request, "transfers/transfer.html", context)


@page
def reading(request: HttpRequest, transfer: uuid.UUID) -> HttpResponse:
    """Return the taker's part alone; the page asks for it until the stored bytes were read again."""
    person = person_of(request)
    found = access.transfer(person, transfer)
    return render(
        request, "transfers/taker.html", {"transfer": found, "asked": True, **_taker_part(person, found)}
    )


@dataclass(frozen=True)
class Reading:
    """What the re-reading for a transfer said."""

    check: FixityCheck | None

    @property
    def waits(self) -> bool:
        return self.check is None

    @property
    def matches(self) -> bool:
        return self.check is not None and self.check.outcome == FixityOutcome.MATCH

    @property
    def differs(self) -> bool:
        return self.check is not None and self.check.outcome == FixityOutcome.MISMATCH

    @property
    def unreadable(self) -> bool:
        return self.check is not None and self.check.outcome == FixityOutcome.UNREADABLE


def _taker_part(person: Person, transfer: Transfer) -> dict[str, Any]:
    is_taker = transfer.taker_id == person.pk and transfer.state == TransferState.REQUESTED
    check = transfer.item.fixity_checks.filter(checked_at__gte=transfer.requested_at).first()
    return {"is_taker": is_taker, "reading": Reading(check)}
