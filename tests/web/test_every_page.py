"""What holds for every page: no identifier of a victim, nothing from outside, no inline script, a row in the log.

Who may open which page is tests/access/test_page_access.py.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from custody.acts import report as report_acts
from tests.web.conftest import Browser

# Every page by name, with the thing of the world that its address names.
PAGES = {
    "home": "",
    "profile": "",
    "keys": "",
    "cases": "",
    "transfers": "",
    "reports": "",
    "case": "case",
    "authority-new": "case",
    "intake": "case",
    "victims": "case",
    "item": "item",
    "item-open": "item",
    "transfer": "transfer",
    "derivative": "derivative",
    "report": "report",
}


@pytest.fixture
def addresses(world, copy, cast) -> dict[str, str]:
    report = report_acts.request(cast.prosecutor, {"case": str(world.case.pk)}, cast.now())
    cast.work("metadata")
    things = {
        "case": world.case.pk,
        "item": world.item.pk,
        "transfer": world.transfer,
        "derivative": copy.pk,
        "report": report.pk,
    }
    return {
        name: reverse(name, kwargs={thing: things[thing]} if thing else {}) for name, thing in PAGES.items()
    }


def test_a_fragment_of_an_ended_session_sends_the_whole_page_to_the_log_on(addresses) -> None:
    answer = Client().get(addresses["report"], headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/login/")


def test_no_page_shows_an_identifier_of_a_victim(addresses, browser: Browser) -> None:
    for who in ("examiner", "supervisor", "auditor", "advocate"):
        for name, address in addresses.items():
            answer = browser(who).get(address)
            assert not re.search("Mirela|Dobrin|721 555", answer.content.decode()), (who, name)


def test_pages_load_nothing_from_outside_and_run_no_inline_script(addresses, browser: Browser) -> None:
    client = browser("examiner")
    for name, address in addresses.items():
        answer = client.get(address)
        body = answer.content.decode()
        assert "script-src 'self';" in answer["Content-Security-Policy"], name
        assert not re.search(r"<script(?![^>]*\bsrc=)", body), name
        assert not re.search(r"\son[a-z]+\s*=", body), name
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", body), name


def test_looking_at_an_exhibit_is_a_row_of_the_access_log(addresses, browser: Browser, world, cast) -> None:
    from custody.accounts.models import AccessLog

    browser("auditor").get(addresses["item"])
    row = AccessLog.objects.get(person=cast.auditor, act="item.view")
    assert (row.object_id, row.outcome) == (str(world.item.pk), "allowed")
