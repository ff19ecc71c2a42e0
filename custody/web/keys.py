"""My signing keys: made in the browser, proved by their holder for the enrolment, revoked if lost."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from custody.accounts.models import KeyState, Person
from custody.acts import countersign
from custody.drafts import Draft
from custody.errors import ConflictError, NotFoundError
from custody.ledger import sites
from custody.web.door import page, person_of


@page
def keys(request: HttpRequest) -> HttpResponse:
    """Show my keys and the form that makes one."""
    person = person_of(request)
    found = list(person.keys.order_by("requested", "pk"))
    usable = [key for key in found if key.state == KeyState.REGISTERED]
    context = {
        "keys": found,
        "usable": usable,
        "waits": any(key.state == KeyState.REQUESTED for key in found),
        "drafts": _to_prove(person),
        "confirms": _to_confirm(person),
        **_passkeys(request),
    }
    return render(request, "keys/keys.html", context)


@page
def keys_to_prove(request: HttpRequest) -> HttpResponse:
    """Return the enrolments that wait for my proof; the page asks while one of my keys waits."""
    person = person_of(request)
    waits = person.keys.filter(state=KeyState.REQUESTED).exists()
    context = {"drafts": _to_prove(person), "confirms": _to_confirm(person), "waits": waits}
    response = render(request, "keys/to_prove.html", context)
    if not waits:
        response["HX-Refresh"] = "true"
    return response


@page
def key_file(request: HttpRequest, keyid: str) -> HttpResponse:
    """Return my wrapped key as the file that the command-line client and this page read; a backup."""
    key = person_of(request).keys.filter(pk=keyid).first()
    if key is None:
        raise NotFoundError("The signing key")
    if not key.wrapped:
        raise ConflictError("This key lies in a key file outside the system; there is no copy of it here.")
    response = HttpResponse(json.dumps(key.wrapped, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="unbroken-{keyid[:8]}.key.json"'
    return response


def _passkeys(request: HttpRequest) -> dict[str, Any]:
    """Return whether passkeys work where this page is open, and where else they do."""
    origin = f"{request.scheme}://{request.get_host()}"
    addresses = [site.origin for site in sites.stated()]
    return {
        "passkey_origin": origin,
        "passkey_here": origin in addresses,
        "passkey_addresses": addresses,
        "at_number": sites.is_number(request.get_host()),
    }


def _to_confirm(person: Person) -> list[Draft]:
    """Return the enrolments of a new key that this person may confirm with a key that counts already."""
    if not person.keys.filter(state=KeyState.REGISTERED).exists():
        return []
    return list(countersign.waiting_for(person, timezone.now()).filter(second_person=person))


def _to_prove(person: Person) -> list[Draft]:
    """Return the prepared enrolments of this person's keys that their signature is missing on."""
    found = Draft.objects.filter(
        second_person=person, second_signature__isnull=True, expires__gt=timezone.now()
    )
    return list(found)
