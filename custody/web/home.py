"""The first page: what waits for this person, by role. Its lists are short; full ones are a click away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from custody import access
from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import Role
from custody.acts import reread
from custody.transfers import TransferState
from custody.web.door import page, person_of
from custody.web.exhibit_order import by_number
from custody.web.transfers import to_approve, waiting_for
from evidence.derivatives import DerivativeState
from evidence.uploads import UploadState

# More than this is not a list one reads on arriving.
SHORT = 12
Section = Callable[[Person], dict[str, Any]]


def _cases(person: Person) -> dict[str, Any]:
    return {"cases": access.cases(person)[:SHORT]}


def _uploads(person: Person) -> dict[str, Any]:
    """Uploads by case, since the intake page is the case's."""
    waiting = access.uploads(person).filter(state__in=[UploadState.READY, UploadState.RECEIVING])
    counts: dict[Any, dict[str, int]] = {}
    for upload in waiting:
        count = counts.setdefault(upload.case, {"ready": 0, "unfinished": 0})
        count["ready" if upload.state == UploadState.READY else "unfinished"] += 1
    return {"uploads": [{"case": case, **count} for case, count in counts.items()]}


def _transfers(person: Person) -> dict[str, Any]:
    return {"transfers": waiting_for(person)}


def _held(person: Person) -> dict[str, Any]:
    held = access.items(person).filter(custodian=person)
    return {"held": by_number(held)[:SHORT], "held_count": held.count(), "shows_held": True}


def _copies(person: Person) -> dict[str, Any]:
    made = access.derivatives(person).filter(state=DerivativeState.MADE)
    return {
        "copies_to_decide": made.exclude(planner=person)[:SHORT],
        "copies_of_mine": made.filter(planner=person)[:SHORT],
        "shows_copies": True,
    }


def _released(person: Person) -> dict[str, Any]:
    released = access.derivatives(person).filter(state=DerivativeState.RELEASED)
    return {"released": released.order_by("-created")[:SHORT], "shows_released": True}


def _reports(person: Person) -> dict[str, Any]:
    return {"reports": access.reports(person)[:SHORT], "shows_reports": True}


def _approvals(person: Person) -> dict[str, Any]:
    accepted = to_approve(person)
    requested = access.transfers(person).filter(state=TransferState.REQUESTED)
    return {"approvals": accepted, "requested_count": requested.count(), "shows_approvals": True}


def _keys(person: Person) -> dict[str, Any]:
    waiting = SigningKey.objects.filter(state=KeyState.REQUESTED).select_related("person")
    return {"keys_waiting": waiting.order_by("requested")[:SHORT], "shows_keys": True}


def _wrong(person: Person) -> dict[str, Any]:
    """Exhibits whose stored bytes did not pass their last reading: nobody should have to look for that."""
    return {"wrong_items": reread.wrong(access.items(person))[:SHORT]}


SECTIONS: dict[Role, list[Section]] = {
    Role.EXAMINER: [_wrong, _uploads, _transfers, _copies, _held, _cases],
    Role.EVIDENCE_OFFICER: [_wrong, _transfers, _held, _cases],
    Role.SUPERVISOR: [_wrong, _approvals, _copies, _cases],
    Role.PROSECUTOR: [_cases, _reports, _released],
    Role.ADVOCATE: [_cases, _released],
    Role.AUDITOR: [_wrong, _cases, _reports],
    Role.ADMINISTRATOR: [_keys],
}


@page
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits, and where one left off."""
    person = person_of(request)
    context: dict[str, Any] = {"no_key": not person.keys.filter(state=KeyState.REGISTERED).exists()}
    for section in SECTIONS.get(Role(person.role), []):
        context |= section(person)
    return render(request, "home/home.html", context)
