"""What every page knows: the agency, where this person may go, and how much waits for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from custody import access
from custody.accounts.models import Person
from custody.web.transfers import to_approve, waiting_for

# Pages that only those see whose role lets them, by the act that the gate knows.
PLACES = {"cases": "case.view", "transfers": "transfer.view", "reports": "report.view"}


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the values that the base template needs; what it does not use costs no query."""
    context: dict[str, Any] = {
        "agency": settings.AGENCY,
        "demonstration": settings.LOG_ORIGIN.startswith("demonstration.invalid"),
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
    person = getattr(request, "user", None)
    if isinstance(person, Person) and person.is_authenticated:
        context["goes_to"] = {place: access.may(person, act) for place, act in PLACES.items()}
        context["waiting_count"] = _waiting(person)
    return context


def _waiting(person: Person) -> Callable[[], int]:
    """Count when the template asks: the transfers that this person has to answer or to decide."""
    return lambda: waiting_for(person).count() + to_approve(person).count()
