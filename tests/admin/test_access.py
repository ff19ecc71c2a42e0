"""Every page of the administration × who may see it; nothing can be added, changed or deleted by Django's own ways."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import reverse

from custody.accounts.models import AccessLog, Person, SigningKey
from tests.cast import ROLES

SUPERVISOR, ADMINISTRATOR, AUDITOR = {"supervisor"}, {"admin"}, {"auditor"}
STAFF = {"supervisor", "supervisor2", "admin", "auditor"}
# Address name -> (who sees it, what its parameter is taken from).
PAGES = {
    "index": (STAFF, ""),
    "password_change": (STAFF, ""),
    "custody_transfer_changelist": ({"supervisor", "supervisor2"}, ""),
    "custody_transfer_change": (SUPERVISOR, "transfer"),
    "evidence_case_changelist": ({"supervisor", "supervisor2"}, ""),
    "evidence_case_open": ({"supervisor", "supervisor2"}, ""),
    "evidence_case_change": (SUPERVISOR, "case"),
    "custody_person_changelist": (ADMINISTRATOR, ""),
    "custody_person_new": (ADMINISTRATOR, ""),
    "custody_person_change": (ADMINISTRATOR, "person"),
    "custody_signingkey_changelist": (ADMINISTRATOR, ""),
    "custody_signingkey_change": (ADMINISTRATOR, "key"),
    "passkeys": (ADMINISTRATOR, ""),
    "together": (ADMINISTRATOR, ""),
    "custody_entry_changelist": (AUDITOR, ""),
    "custody_entry_change": (AUDITOR, "entry"),
    "custody_accesslog_changelist": (AUDITOR, ""),
    "verification": (AUDITOR, ""),
}


@pytest.fixture
def addresses(cast, waiting):
    named = {
        "transfer": waiting.transfers[0].pk,
        "case": waiting.case.pk,
        "person": cast.examiner.uuid,
        "key": cast.key("examiner").keyid,
        "entry": 3,
    }
    return {
        name: reverse(f"admin:{name}", args=[named[what]] if what else [])
        for name, (_, what) in PAGES.items()
    }


def expected(name, page):
    """Return what somebody gets: the page, the log-on, not found for others' things, not allowed for other roles."""
    allowed, what = PAGES[page]
    if name in allowed:
        return 200
    if name not in STAFF:
        return 302
    return 404 if what and name == "supervisor2" and "supervisor" in allowed else 403


def test_each_page_is_for_its_role_and_for_nobody_else(client_of, addresses):
    wrong = []
    for name in ["", *ROLES]:
        client = client_of(name)
        for page, address in addresses.items():
            response = client.get(address)
            if response.status_code != expected(name, page):
                wrong.append((name or "nobody", page, response.status_code))
            elif response.status_code == 302:
                assert response["Location"].startswith("/admin/login/")
    assert wrong == []


def test_the_list_above_is_complete(addresses):
    """Whatever address the site has is in the table, or is one of these that change nothing of evidence."""
    others = {"login", "logout", "password_change_done", "jsi18n", "autocomplete", "view_on_site", "app_list"}
    names = {pattern.name for pattern in _flat(admin.site.get_urls()) if getattr(pattern, "name", None)}
    assert names - others == set(PAGES)


def _flat(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern


def test_djangos_own_ways_of_changing_are_not_there(client_of, addresses):
    for name in sorted(STAFF):
        client = client_of(name)
        for page in ("custody_transfer", "custody_person", "evidence_case"):
            thing = addresses[f"{page}_change"].rstrip("/").rsplit("/", 1)[1]
            for ending in ("add/", f"{thing}/change/", f"{thing}/delete/", f"{thing}/history/"):
                address = reverse(f"admin:{page}_changelist") + ending
                for method in (client.get, client.post):
                    assert method(address).status_code in {403, 404}, (name, address)


def test_sending_a_form_to_a_read_only_page_changes_nothing(client_of, addresses, waiting):
    before = [waiting.transfers[0].state, waiting.case.status, waiting.items[0].custodian_id]
    for name, page in product(sorted(STAFF), PAGES):
        client_of(name).post(
            addresses[page], {"action": "delete_selected", "_selected_action": "1", "state": "approved"}
        )
    for row in (waiting.transfers[0], waiting.case, waiting.items[0]):
        row.refresh_from_db()
    assert [waiting.transfers[0].state, waiting.case.status, waiting.items[0].custodian_id] == before


def test_addresses_that_name_nothing_are_not_found(client_of):
    pages = [("supervisor", "transfer"), ("admin", "person"), ("admin", "signingkey"), ("auditor", "entry")]
    keys = ["nonsense", "-1", "99999999999999999999", "%00", "x" * 200]
    for (name, page), key in product(pages, keys):
        assert client_of(name).get(f"/admin/custody/{page}/{key}/").status_code == 404, (page, key)


def test_administrators_see_no_case_no_exhibit_and_no_title(cast, client_of, waiting):
    client = client_of("admin")
    words = [waiting.case.number, waiting.case.title, "EX-1", waiting.items[0].sha256]
    pages = ["/admin/", "/admin/custody/person/", "/admin/custody/signingkey/"]
    pages += [f"/admin/custody/person/{person.uuid}/" for person in Person.objects.exclude(role="service")]
    pages += [f"/admin/custody/signingkey/{key.keyid}/" for key in SigningKey.objects.all()]
    for page in pages:
        text = client.get(page).content.decode()
        assert not [word for word in words if word in text], page


def test_auditors_see_no_content_and_no_opened_statement(client_of, waiting):
    client = client_of("auditor")
    words = ["Night bus", "EX-1", waiting.items[0].sha256, "Harbour Street", "S-100"]
    for entry in range(12, 40):
        text = client.get(f"/admin/custody/entry/{entry}/").content.decode()
        assert not [word for word in words if word in text], entry


def test_no_page_carries_a_script_or_handler_of_its_own(client_of, addresses):
    """script-src 'self' would block it: the page would look whole and do nothing."""
    for name, page in product(sorted(STAFF), PAGES):
        if name not in PAGES[page][0]:
            continue
        response = client_of(name).get(addresses[page])
        text = response.content.decode()
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), page
        assert not re.search(r"<[^>]+\son[a-z]+=", text), page
        assert 'name="csrf-token"' in text
        assert 'id="sign-dialog"' in text
        assert settings.AGENCY in text


def test_what_is_looked_at_is_written_down(client_of, addresses, cast, waiting):
    client_of("supervisor").get(addresses["custody_transfer_change"])
    client_of("auditor").get(addresses["custody_accesslog_changelist"] + "?outcome=refused")
    looked = AccessLog.objects.filter(act="transfer.view", person=cast.supervisor)
    assert [row.object_id for row in looked] == [str(waiting.transfers[0].pk)]
    assert AccessLog.objects.filter(act="access-log.view", object_id="outcome=refused").count() == 1
