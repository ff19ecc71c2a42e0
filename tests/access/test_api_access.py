"""Every route of the API × every role × (assigned, stranger, nobody): a new route without a row fails here."""

from __future__ import annotations

import json
from types import SimpleNamespace

from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from custody.api.auth import issue_token
from tests.access.table import ALL, API, Row

STRANGERS = {"examiner": "stranger", "supervisor": "supervisor2"}


def answer(world: SimpleNamespace, name: str | None, route: str, row: Row) -> int:
    """Send the row's request as this person and return the status."""
    headers = {}
    if name is not None:
        token, _ = issue_token(world.cast.people[name], timezone.now())
        headers["Authorization"] = f"Bearer {token}"
    address = reverse(route, kwargs=row.args(world))
    body = json.dumps(row.body(world)) if row.method in {"post", "put", "patch"} else None
    call = getattr(Client(), row.method)
    response = (
        call(address, body, content_type="application/json", headers=headers)
        if body
        else call(address, headers=headers)
    )
    return response.status_code


def failures(world: SimpleNamespace, route: str, row: Row) -> list[str]:
    """Return what is wrong with one row for anybody; what the requests changed is undone."""
    wrong = []
    with transaction.atomic():
        if (status := answer(world, None, route, row)) != 401:
            wrong.append(f"{row.method} {route}: nobody gets {status}")
        for name in [*sorted(ALL), *STRANGERS.values()]:
            status = answer(world, name, route, row)
            passes = row.stranger == "own" if name in STRANGERS.values() else name in row.allowed
            if not ((status < 400 or status in {409, 422}) if passes else status in {403, 404}):
                wrong.append(f"{row.method} {route}: {name} gets {status}")
        transaction.set_rollback(True)
    return wrong


def test_the_gate_holds_for_every_route_role_and_stranger(world):
    assert [one for route, rows in API.items() for row in rows for one in failures(world, route, row)] == []


def test_no_route_of_the_api_is_without_a_row():
    names = {
        pattern.name
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "url_patterns", None) and str(resolver.pattern) == "api/v1/"
        for pattern in resolver.url_patterns
        if pattern.name
    }
    assert names == set(API)


def test_lists_of_a_stranger_hold_nothing_of_the_case(world):
    for name in ("stranger", "supervisor2", "partner", "admin"):
        token, _ = issue_token(world.cast.people[name], timezone.now())
        for route in ("api-cases", "api-transfers", "api-reports", "api-uploads"):
            body = Client().get(reverse(route), headers={"Authorization": f"Bearer {token}"}).content.decode()
            assert str(world.case.pk) not in body
            assert world.item.exhibit_number not in body
