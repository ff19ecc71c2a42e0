"""What every page of the admin shares: who asks, from where, and what a refusal becomes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from custody.accounts.models import Person, note_access
from custody.accounts.roles import Role
from custody.errors import NotAllowedError, NotFoundError

# A view's own parameters are those of its address.
View = Callable[..., HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """Return who asks; only for views behind the site's log-on."""
    return cast(Person, request.user)


def source_of(request: HttpRequest) -> str:
    """Return the address the request came from, for the access log."""
    return str(request.META.get("REMOTE_ADDR", ""))


def has_role(request: HttpRequest, roles: frozenset[Role]) -> bool:
    """Tell whether the person who asks is logged on, active and in one of the roles."""
    person = request.user
    return isinstance(person, Person) and person.is_active and person.role in roles


def note_view(request: HttpRequest, kind: str, key: object) -> None:
    """Write down that this person looked at this thing (LED art. 25)."""
    note_access(
        person=person_of(request),
        act=f"{kind}.view",
        now=timezone.now(),
        object_kind=kind,
        object_id=str(key)[:64],
        source=source_of(request),
    )


def answered(view: View) -> View:
    """Turn what the gate refuses into the answers that Django's admin knows."""

    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(*args, **kwargs)
        except NotFoundError as error:
            raise Http404(error.text) from error
        except NotAllowedError as error:
            raise PermissionDenied(error.text) from error

    return inner
