"""Who I am to the system, the time zone in which I read times, and my password."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from custody import access
from custody.acts import accounts
from custody.errors import InvalidError
from custody.web.door import FormPage, page, person_of, source_of

# Old names that only point to others, and zones that are none.
LEFT_OUT = ("Etc/", "SystemV/", "posix/", "right/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


def zones() -> list[str]:
    """Return the names of time zones to choose from."""
    names = zoneinfo.available_timezones()
    return ["UTC", *sorted(name for name in names if "/" in name and not name.startswith(LEFT_OUT))]


class Profile(FormPage):
    """The account as the administrator keeps it; zone and password are the person's own."""

    template_name = "session/profile.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        person = person_of(request)
        return {"person": person, "zones": zones(), "case_count": access.cases(person).count()}

    def act(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if "zone" in request.POST:
            self._keep_zone(request)
        else:
            person = person_of(request)
            accounts.change_own_password(person, request.POST.dict(), source_of(request), timezone.now())
            # All other sessions of this person have ended; this one goes on.
            update_session_auth_hash(request, person)
            messages.success(request, "Your password is changed.")
        return redirect("profile")

    def _keep_zone(self, request: HttpRequest) -> None:
        zone = request.POST.get("zone", "")
        if zone not in zones():
            raise InvalidError("The time zone is not known.", fields={"zone": "Choose a zone from the list."})
        person = person_of(request)
        person.zone = zone
        person.save(update_fields=["zone"])
        messages.success(request, f"Times are now shown in {zone}.")


profile = page(Profile.as_view())
