"""The people a case protects: pseudonyms with counts, and the form that seals identifiers.

What was sealed is never shown again, to nobody.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from custody import access
from custody.acts import victims as acts
from custody.web.door import FormPage, note_view, page, person_of
from evidence.cases import CaseStatus
from evidence.victims import IdentifierKind, Victim

# Rows of the form without scripts; the page's script adds more.
EMPTY_ROWS = 4


@dataclass(frozen=True)
class Row:
    """One line of the form, with what was typed when it comes back."""

    kind: str = ""
    value: str = ""


@dataclass(frozen=True)
class Sealed:
    """A victim by pseudonym, with how many identifiers of each kind are sealed."""

    victim: Victim
    counts: list[tuple[str, int]]
    total: int


def identifiers(sent: QueryDict) -> list[dict[str, str]]:
    """Read the rows of the form; a row without a value was not filled in."""
    pairs = zip(sent.getlist("kind"), sent.getlist("value"), strict=False)
    return [{"kind": kind, "value": value} for kind, value in pairs if value.strip()]


class Victims(FormPage):
    """The list, the form of a new victim, and the form of more identifiers for one."""

    template_name = "victims/victims.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        person = person_of(request)
        case = access.case(person, kwargs["case"], "victim.view")
        note_view(request, "victims", case.pk)
        registers = access.may(person, "victim.register") and case.status == CaseStatus.OPEN
        return {
            "case": case,
            "victims": _sealed(access.victims(person, case.pk).prefetch_related("identifiers")),
            "registers": registers,
            "kinds": IdentifierKind.choices,
            "rows": _rows(request.POST),
            "chosen": request.POST.get("victim", ""),
        }

    def act(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        person, now = person_of(request), timezone.now()
        params = {"case": str(kwargs["case"]), "identifiers": identifiers(request.POST)}
        # Whether the case is theirs at all is told before what the form lacks.
        access.case(person, kwargs["case"], "victim.register")
        chosen = request.POST.get("victim")
        if chosen:
            victim = acts.add_identifiers(person, _key(chosen), params, now)
            messages.success(request, f"More identifiers of {victim.pseudonym} are sealed.")
        else:
            victim = acts.register(person, params, now)
            messages.success(request, f"Registered as {victim.pseudonym}. The identifiers are sealed.")
        return redirect("victims", case=kwargs["case"])


victims = page(Victims.as_view())


def _key(text: str) -> uuid.UUID:
    """Return the uuid; what is none belongs to nobody, and the act says so."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _sealed(found: Any) -> list[Sealed]:
    sealed = []
    for victim in found:
        kinds = [identifier.kind for identifier in victim.identifiers.all()]
        counts = [(label, kinds.count(kind)) for kind, label in IdentifierKind.choices if kind in kinds]
        sealed.append(Sealed(victim, counts, len(kinds)))
    return sealed


def _rows(sent: QueryDict) -> list[Row]:
    typed = [Row(row["kind"], row["value"]) for row in identifiers(sent)]
    return typed + [Row()] * max(1, EMPTY_ROWS - len(typed))
