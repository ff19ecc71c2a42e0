"""Log on with the banner acknowledged, and log off. Every attempt is a row of the access log."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from custody.accounts.models import Person, note_access
from custody.web.door import person_of, source_of

NOT_ACKNOWLEDGED = "Tick that you have read the notice; nobody logs on without it (CJIS AC-8)."
# One sentence for every case, so that it does not tell which names exist or which of them are locked.
REFUSED = "Name or password are wrong, or the account is locked."


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def log_on(request: HttpRequest) -> HttpResponseBase:
    """Show the notice and the form; let in whoever acknowledged the one and filled the other."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    target = wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else "/"
    if request.user.is_authenticated:
        return redirect(target)
    context: dict[str, Any] = {"next": target}
    if request.method == "POST":
        context |= {"username": request.POST.get("username", "")}
        if request.POST.get("acknowledged") != "yes":
            context["problem"] = NOT_ACKNOWLEDGED
        elif (person := _judged(request)) is not None:
            login(request, person)
            return redirect(target)
        else:
            context |= {"problem": REFUSED, "refused": True}
    return render(request, "session/log_on.html", context, status=422 if "problem" in context else 200)


def _judged(request: HttpRequest) -> Person | None:
    # PostgreSQL has no NUL in text; a name with one is nobody's.
    username = request.POST.get("username", "").replace("\0", "")
    password = request.POST.get("password", "")
    found = authenticate(request, username=username, password=password)
    person = found if isinstance(found, Person) else None
    note_access(
        person=person or Person.objects.filter(username=username).first(),
        act="log-on",
        now=timezone.now(),
        outcome="allowed" if person else "refused",
        source=source_of(request),
    )
    return person


@require_POST
def log_off(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    if request.user.is_authenticated:
        note_access(person=person_of(request), act="log-off", now=timezone.now(), source=source_of(request))
        logout(request)
        messages.info(request, "You have logged off.")
    return redirect("log-on")
