"""The auditor's pages: entries of the log, the access log with its filters, and what the last audits said."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from custody.accounts.models import note_access
from custody.ledger import publish
from custody.ledger.models import Entry


@pytest.fixture
def auditor(client_of):
    return client_of("auditor")


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_entries_are_listed_with_type_times_leaf_and_whether_published(auditor, waiting):
    last = Entry.objects.order_by("-seq").first()
    text = auditor.get("/admin/custody/entry/").content.decode()
    assert bytes(last.leaf_hash).hex() in text
    assert "transfer.accept" in text
    assert "map head" in text
    assert "not yet" in text
    publish.publish(timezone.now())
    assert "not yet" not in auditor.get("/admin/custody/entry/").content.decode()


def test_the_entries_of_one_exhibit_case_or_key_are_found_by_its_id(auditor, cast, waiting):
    text = auditor.get(f"/admin/custody/entry/?q={waiting.items[0].pk}").content.decode()
    kinds = [
        kind
        for kind in ("item.intake", "transfer.offer", "fixity.check", "transfer.accept", "case.open")
        if kind in text
    ]
    assert kinds == ["item.intake", "transfer.offer", "fixity.check", "transfer.accept"]
    assert "4 in all" in text
    assert "0 in all" in auditor.get("/admin/custody/entry/?q=nothing").content.decode()


def test_an_entry_shows_its_signed_statement_and_who_signed(auditor, cast, waiting):
    offer = waiting.transfers[0].offer_entry
    text = auditor.get(f"/admin/custody/entry/{offer}/").content.decode()
    for words in (
        "transfer.offer",
        "is that of the bytes",
        "Examiner Lindqvist, Forensic examiner",
        "&quot;claims&quot;",
        str(waiting.items[0].pk),
    ):
        assert words in text, words
    head = publish.publish(timezone.now()).size - 1
    assert "map head" in auditor.get(f"/admin/custody/entry/{head}/").content.decode()
    assert auditor.get(f"/admin/custody/entry/{head + 1}/").status_code == 404


def test_the_access_log_is_filtered_by_outcome_act_person_and_words(auditor, cast):
    note_access(
        person=cast.examiner,
        act="item.view",
        now=timezone.now(),
        justification="Comparing seals",
        recipient="Court 3",
    )
    note_access(person=None, act="log-on", now=timezone.now(), outcome="refused", source="10.0.0.9")
    everything = auditor.get("/admin/custody/accesslog/").content.decode()
    for words in ("Comparing seals", "Court 3", "10.0.0.9", "nobody known", "Examiner Lindqvist"):
        assert words in everything, words
    refused = auditor.get("/admin/custody/accesslog/?outcome=refused").content.decode()
    assert ("10.0.0.9" in refused, "Comparing seals" in refused) == (True, False)
    assert "Comparing seals" in auditor.get("/admin/custody/accesslog/?act=item.view").content.decode()
    assert (
        "10.0.0.9"
        not in auditor.get(f"/admin/custody/accesslog/?person__id__exact={cast.examiner.pk}").content.decode()
    )
    found = auditor.get("/admin/custody/accesslog/?q=Court").content.decode()
    assert ("Comparing seals" in found, "10.0.0.9" in found) == (True, False)


def test_an_access_log_row_has_no_page_and_no_link(auditor, cast):
    note_access(person=cast.examiner, act="item.view", now=timezone.now())
    text = auditor.get("/admin/custody/accesslog/").content.decode()
    assert "/admin/custody/accesslog/1" not in text
    assert auditor.get("/admin/custody/accesslog/1/").status_code == 404


def test_without_an_audit_the_page_says_never(auditor, data):
    text = auditor.get("/admin/verification/").content.decode()
    assert text.count('<span class="word warn">never</span>') == 2
    assert "manage.py replay_ledger" in text


def test_the_last_audits_are_shown(auditor, data, waiting):
    publish.publish(timezone.now())
    call_command("replay_ledger", "--json", stdout=io.StringIO())
    text = auditor.get("/admin/verification/").content.decode()
    assert "everything agrees" in text
    assert "2 exhibits." in text
    assert "No pinned policy was found" in text


def test_the_signed_head_is_looked_at_now(auditor, data, waiting):
    text = auditor.get("/admin/verification/").content.decode()
    assert "not covered yet" in text
    assert "is signed by the key of this installation" in text
    assert "lead to the newest signed head" in text


def test_a_head_of_another_key_is_told(auditor, data, settings, tmp_path):
    from custody.ledger import keys

    settings.KEYS_DIR = tmp_path / "keys"
    keys.make_log_key()
    keys.forget()
    try:
        text = auditor.get("/admin/verification/").content.decode()
        assert "is not signed by this installation" in text
    finally:
        keys.forget()


def test_a_result_file_that_is_damaged_counts_as_none(auditor, data):
    (data / "audits").mkdir()
    (data / "audits" / "replay_ledger.json").write_text("{")
    assert "never" in auditor.get("/admin/verification/").content.decode()
