"""A client for each person of the cast, and a case with transfers that wait for a supervisor."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def client_of(cast: Any) -> Callable[[str], Client]:
    """Return a client that is logged on as this person; nobody for an empty name."""

    def logged_on(name: str) -> Client:
        client = Client()
        if name:
            client.force_login(cast.people[name], backend="custody.accounts.backend.PersonBackend")
        return client

    return logged_on


@pytest.fixture
def waiting(cast: Any) -> SimpleNamespace:
    """One case with two exhibits whose transfers were accepted, the first one's earlier."""
    from custody.transfers import Transfer

    case = cast.open_case()
    authority = cast.add_authority(case)
    items = [cast.take_in(authority, f"exhibit {n}\n".encode(), exhibit_number=f"EX-{n}") for n in (1, 2)]
    ids = []
    for item, said in zip(items, ({"note": "Seal checked", "seal_condition": "torn"}, {}), strict=True):
        ids.append(cast.hand_over(item))
        cast.act("officer", "transfer.accept", transfer=ids[-1], **said)
    transfers = [Transfer.objects.get(pk=one) for one in ids]
    return SimpleNamespace(case=case, authority=authority, items=items, transfers=transfers)
