"""What every page shares: who asks, when, from where; the log-on before it and the refusal after it.

Views parse, call one act or the gate, and render. They decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from custody.accounts.models import Person, note_access
from custody.errors import ActError, InvalidError
from custody.web.errors import is_fragment, refused

# A view's own parameters are those of its address.
PageView = Callable[..., HttpResponseBase]


def page(view: PageView) -> PageView:
    """Ask for a log-on before the view, and turn what it refuses into a page."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_log_on(request)
        try:
            return view(request, *args, **kwargs)
        except ActError as error:
            return refused(request, error)

    return inner


def _to_log_on(request: HttpRequest) -> HttpResponseBase:
    if is_fragment(request):
        # The whole page goes to the log-on; a log-on form inside a table helps nobody.
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("log-on")})
    return redirect_to_login(request.get_full_path())


def person_of(request: HttpRequest) -> Person:
    """Return who asks; only for views behind `page`."""
    return cast(Person, request.user)


def source_of(request: HttpRequest) -> str:
    """Return the address the request came from, for the access log."""
    return str(request.META.get("REMOTE_ADDR", ""))


def note_view(request: HttpRequest, kind: str, key: object) -> None:
    """Write down that this person looked at this thing (LED art. 25); parts of a page do not count again."""
    note_access(
        person=person_of(request),
        act=f"{kind}.view",
        now=timezone.now(),
        object_kind=kind,
        object_id=key,
        source=source_of(request),
    )


class FormPage(View):
    """A page with one form: shows it, calls `act`, and shows it again with what is missing or wrong."""

    template_name = ""

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows; refuses here when the form must not be shown at all."""
        raise NotImplementedError

    def act(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Call the act with what was sent and answer."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return render(request, self.template_name, self.context(request, **kwargs))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return self.act(request, **kwargs)
        except InvalidError as error:
            shown = {"values": request.POST, "errors": error.fields, "problem": error.text}
            return render(
                request, self.template_name, self.context(request, **kwargs) | shown, status=error.status
            )
