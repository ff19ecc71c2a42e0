"""Every page and every page of the admin × every role × (assigned, stranger, nobody)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from tests.access.table import ADMIN, ADMIN_DEAD, ALL, OPEN_PAGES, PAGES, Row
from tests.access.test_api_access import STRANGERS

BACKEND = "custody.accounts.backend.PersonBackend"
DONE, REFUSED = {200, 302, 409, 422}, {403, 404}


def answer(world: SimpleNamespace, name: str | None, address: str, row: Row) -> int:
    """Ask for the page as this person; a way to the log-on page counts as 401."""
    client = Client()
    if name is not None:
        client.force_login(world.cast.people[name], BACKEND)
    response = getattr(client, row.method)(address)
    if response.status_code == 302 and "/login/" in response["Location"]:
        return 401
    return response.status_code


def failures(world: SimpleNamespace, address: str, row: Row) -> list[str]:
    """Return what is wrong with one row for anybody; what the requests changed is undone."""
    wrong = []
    with transaction.atomic():
        if (status := answer(world, None, address, row)) != 401:
            wrong.append(f"{row.method} {address}: nobody gets {status}")
        for name in [*sorted(ALL), *STRANGERS.values()]:
            status = answer(world, name, address, row)
            role = {"stranger": "examiner", "supervisor2": "supervisor"}.get(name, name)
            passes = role in row.allowed and (name == role or row.stranger == "own")
            if status not in (DONE if passes else REFUSED | {401}):
                wrong.append(f"{row.method} {address}: {name} gets {status}")
        transaction.set_rollback(True)
    return wrong


def test_the_gate_holds_for_every_page(world):
    wrong = []
    for route, rows in PAGES.items():
        for row in rows:
            wrong += failures(world, reverse(route, kwargs=row.args(world)), row)
    assert wrong == []


def test_the_gate_holds_for_every_page_of_the_admin(world):
    wrong = []
    for route, rows in ADMIN.items():
        for row in rows:
            wrong += failures(world, reverse(f"admin:{route}", kwargs=row.args(world)), row)
    assert wrong == []


def test_no_page_is_without_a_row():
    names = {p.name for p in get_resolver().url_patterns[-1].url_patterns}
    assert names == set(PAGES) | OPEN_PAGES


def test_no_page_of_the_admin_is_without_a_row():
    assert {n for n in _names(admin.site.urls[0]) if n} == set(ADMIN) | ADMIN_DEAD


def _names(patterns) -> set[str]:
    found = set()
    for pattern in patterns:
        found |= _names(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name}
    return found


@pytest.mark.parametrize("name", sorted(ALL))
def test_djangos_own_addresses_of_the_admin_lead_nowhere(world, name):
    client = Client()
    client.force_login(world.cast.people[name], BACKEND)
    for address in ("autocomplete/", "r/1/1/", "auth/"):
        assert client.get(f"/admin/{address}").status_code in REFUSED | {302}, address
    for address in ("custody/", "evidence/"):
        shown = client.get(f"/admin/{address}").status_code == 200
        assert shown <= (name in {"admin", "supervisor", "auditor"}), address


def test_the_files_service_knows_two_addresses_and_both_need_a_capability():
    from custody.api import files_urls

    assert {p.name for p in files_urls.urlpatterns} == {"tus", "content", "files-health"}
