"""A case with one of everything, and a browser for each person of the cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

# Tables are imported inside: this file is read before Django is set up.
Browser = Callable[[str], Client]


@pytest.fixture
def cast(cast: Any) -> Any:
    """The cast, its clock set back: each act moves it a second on, and workers go by the real time."""
    cast.clock -= timedelta(minutes=5)
    return cast


@pytest.fixture
def browser(cast: Any) -> Browser:
    """Return a client that is logged on as the person of this name."""

    def logged_on(name: str) -> Client:
        client = Client()
        client.force_login(cast.people[name], backend="custody.accounts.backend.PersonBackend")
        return client

    return logged_on


@pytest.fixture
def world(cast: Any) -> SimpleNamespace:
    """One case with a victim and one exhibit, offered to the evidence officer and read again for them."""
    case = cast.open_case()
    authority = cast.add_authority(case)
    victim = cast.register_victim(case, ("name", "Mirela Dobrin"), ("phone", "+40 721 555 013"))
    data = b"Mirela Dobrin called at nine.\n"
    item = cast.take_in(authority, data, exhibit_number="EX-2", description="Notebook page")
    return SimpleNamespace(
        case=case,
        authority=authority,
        victim=victim,
        item=item,
        data=data,
        transfer=cast.hand_over(item),
    )


@pytest.fixture
def copy(cast: Any, world: SimpleNamespace) -> Any:
    """The redacted copy of the exhibit: made and checked, not decided."""
    from custody.jobs import JobKind
    from evidence.derivatives import Derivative

    made = cast.act("examiner", "redaction.plan", item=str(world.item.pk))["derivative"]
    cast.work(JobKind.REDACTION)
    return Derivative.objects.get(pk=made)
