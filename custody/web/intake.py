"""The intake page: one exhibit form, many files, and the signature over what arrived.

The page's script hands the form to the API and the bytes to the files service; here is what it starts from,
and how far the person's own uploads are.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from custody import access
from custody.accounts.models import Person
from custody.web.cases import validity
from custody.web.door import note_view, page, person_of
from custody.web.exhibit_order import by_number
from evidence.cases import Case, DataCategory
from evidence.items import ItemClass
from evidence.uploads import Upload, UploadState

UNDER_WAY = [UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READY]
ENDED_BADLY = [UploadState.FAILED, UploadState.QUARANTINED]
# How long an upload that went wrong stays on the page of the person who sent it.
SHOWN_FOR = timedelta(days=2)
FIRST_NUMBER = "EX-001"


@page
def intake(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show the form, what is on its way and what waits for the signature."""
    person = person_of(request)
    found = access.open_case(person, case, "upload.make")
    note_view(request, "intake", found.pk)
    now = timezone.now()
    context = {
        "case": found,
        "authorities": [validity(authority, now) for authority in found.authorities.all()],
        "categories": DataCategory.choices,
        "classes": ItemClass.choices,
        "next_number": next_number(_numbers(person, found)),
        "uploads": _shown(person, found),
    }
    return render(request, "intake/intake.html", context)


@page
def intake_states(request: HttpRequest, case: uuid.UUID) -> HttpResponseBase:
    """Return how far the person's uploads into this case are, as the page's script asks for it."""
    person = person_of(request)
    found = access.case(person, case, "upload.make")
    return JsonResponse({"uploads": [_state(upload) for upload in _shown(person, found)]})


def _shown(person: Person, case: Case) -> list[Upload]:
    mine = access.uploads(person).filter(case=case)
    ended = mine.filter(state__in=ENDED_BADLY, created__gte=timezone.now() - SHOWN_FOR)
    return list(by_number(mine.filter(state__in=UNDER_WAY) | ended))


def _state(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "exhibit_number": upload.exhibit_number,
        "filename": upload.filename,
        "size": upload.size,
        "offset": upload.offset,
        "state": upload.state,
        "state_words": upload.get_state_display(),
        "sha256": upload.sha256,
        "blake3": upload.blake3,
        "content_type": upload.content_type,
        "problem": upload.problem,
        "item": str(upload.item_id) if upload.item_id else "",
    }


def _numbers(person: Person, case: Case) -> list[str]:
    uploads = access.uploads(person).filter(case=case, state__in=[*UNDER_WAY, UploadState.SEALED])
    items = access.items(person).filter(case=case)
    return [
        *items.values_list("exhibit_number", flat=True),
        *uploads.values_list("exhibit_number", flat=True),
    ]


def next_number(numbers: list[str]) -> str:
    """Suggest the exhibit number after the highest one in use, in the form that the case uses."""
    found = [match for number in numbers if (match := re.fullmatch(r"(.*?)(\d{1,9})", number))]
    if not found:
        return FIRST_NUMBER
    highest = max(found, key=lambda match: int(match[2]))
    return f"{highest[1]}{int(highest[2]) + 1:0{len(highest[2])}d}"
