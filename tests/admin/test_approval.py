"""The approval queue: what a supervisor sees before saying yes, why they cannot, and what comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from custody.acts import check_fixity
from custody.admin.approval import look, why_not
from custody.transfers import Transfer, TransferState
from evidence.items import FixityOutcome


def page(client, transfer):
    return client.get(f"/admin/custody/transfer/{transfer.pk}/").content.decode()


def test_the_queue_shows_what_waits_oldest_first(client_of, waiting):
    text = client_of("supervisor").get("/admin/custody/transfer/").content.decode()
    assert "2 transfers wait for a third person." in text
    assert text.index("EX-1<") < text.index("EX-2<")
    assert f'data-key-open href="/admin/custody/transfer/{waiting.transfers[0].pk}/"' in text


def test_the_page_shows_everything_to_look_at(cast, client_of, waiting):
    text = page(client_of("supervisor"), waiting.transfers[0])
    item, transfer = waiting.items[0], waiting.transfers[0]
    for words in (
        "EX-1: Examiner Lindqvist → Officer Lindqvist",
        "2026-0417, Night bus",
        "Storage",
        "Store A",
        "Search warrant W-881",
        "valid now",
        "1 of 2 waiting",
        "Note of the taker: Seal checked",
        f"record {transfer.accept_entry}",
    ):
        assert words in text, words
    assert text.count(item.sha256) == 2  # whole, at intake and as re-read
    assert '<span class="word good">equal</span>' in text
    # The seal as given and as received.
    assert '<span class="word warn">changed</span>' in text
    assert "<td>intact</td>" in text
    assert "<td>torn</td>" in text


def test_the_forms_are_signed_acts_with_what_the_signing_script_needs(client_of, waiting):
    text = page(client_of("supervisor"), waiting.transfers[0])
    for part in (
        'data-act="transfer.approve"',
        'data-act="transfer.reject"',
        f'name="transfer" value="{waiting.transfers[0].pk}"',
        f'data-next="/admin/custody/transfer/{waiting.transfers[1].pk}/"',
        "custody/admin_queue.js",
        "data-summary",
        "data-statements",
        "data-record",
        "data-passphrase",
        'name="passphrase"',
        "data-error",
        "data-cancel",
    ):
        assert part in text, part
    assert "<form" in text
    assert 'method="post" action="/admin/custody' not in text


def test_after_the_last_one_comes_the_queue(cast, client_of, waiting):
    client = client_of("supervisor")
    cast.act("supervisor", "transfer.approve", transfer=str(waiting.transfers[0].pk))
    assert 'data-next="/admin/custody/transfer/"' in page(client, waiting.transfers[1])
    cast.act("supervisor", "transfer.reject", transfer=str(waiting.transfers[1].pk), reason="Not now")
    assert "Nothing waits for you." in client.get("/admin/custody/transfer/").content.decode()
    ended = page(client, waiting.transfers[1])
    assert "data-act=" not in ended.split('aria-labelledby="decision"')[1].split("</section>")[0]
    assert "Not now" in ended


def test_earlier_transfers_are_listed(cast, client_of, waiting):
    cast.act("supervisor", "transfer.reject", transfer=str(waiting.transfers[0].pk), reason="Seal is torn")
    again = cast.hand_over(waiting.items[0])
    cast.act("officer", "transfer.accept", transfer=again)
    text = page(client_of("supervisor"), Transfer.objects.get(pk=again))
    assert "rejected by the supervisor: Seal is torn" in text


def test_an_unreadable_reading_is_a_remark_and_not_called_tampering(cast, client_of, waiting):
    check_fixity.check(waiting.items[0].pk, FixityOutcome.UNREADABLE, "", "The disk failed.", cast.now())
    text = page(client_of("supervisor"), waiting.transfers[0])
    assert "could not be read; that is not tampering. The disk failed." in text
    assert 'data-act="transfer.approve"' in text


def test_after_a_mismatch_only_rejecting_is_offered(cast, client_of, waiting):
    check_fixity.check(waiting.items[0].pk, FixityOutcome.MISMATCH, "0" * 64, "", cast.now())
    text = page(client_of("supervisor"), waiting.transfers[0])
    assert "Do not approve this transfer." in text
    assert 'data-act="transfer.approve"' not in text
    assert 'data-act="transfer.reject"' in text
    assert "do not approve (" in client_of("supervisor").get("/admin/custody/transfer/").content.decode()


def test_an_earlier_quarantine_under_the_same_number_is_a_remark(cast, client_of):
    from custody.jobs import JobKind

    authority = cast.add_authority(cast.open_case())
    cast.upload(authority, b"one", exhibit_number="EX-9", declared={"sha256": "0" * 64})
    cast.work(JobKind.RECEIVE)
    item = cast.take_in(authority, b"two", exhibit_number="EX-9")
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    text = page(client_of("supervisor"), Transfer.objects.get(pk=transfer))
    assert "An earlier upload under this exhibit number was quarantined" in text


def test_an_authority_that_ended_meanwhile_is_said(cast, client_of, waiting):
    cast.act("supervisor", "authority.end", authority=str(waiting.authority.pk), reason="Revoked")
    text = page(client_of("supervisor"), waiting.transfers[0])
    assert "not valid now" in text
    assert "W-881 was ended on" in text


def test_a_taker_who_left_the_case_or_the_agency_is_a_remark(cast, waiting):
    who = {"case": str(waiting.case.pk), "person": str(cast.officer.uuid), "end": True}
    cast.act("supervisor", "case.assign", **who)
    assert "is not assigned to the case any more" in _remarks(look(waiting.transfers[0], cast.now()))


def _remarks(approval):
    return " ".join(remark.text for remark in approval.remarks)


def test_a_table_that_says_another_digest_than_was_signed_stops_the_approval(cast, waiting):
    """What the page shows is what was signed; the row beside it was changed behind the ledger."""
    transfer = Transfer.objects.select_related("item__case", "giver", "taker").get(pk=waiting.transfers[0].pk)
    transfer.accept_digest = "0" * 64
    approval = look(transfer, cast.now())
    assert approval.stopped
    assert approval.accept_digest == waiting.items[0].sha256
    assert "another digest at acceptance than the taker signed" in _remarks(approval)
    text = render_to_string(
        "admin/transfer.html", {"approval": approval, "why_not": "", "place": 1, "waiting": 1}
    )
    assert "Do not approve this transfer." in text
    assert 'data-act="transfer.approve"' not in text


def test_different_digests_are_said_in_words(cast, waiting):
    from dataclasses import replace

    approval = replace(look(waiting.transfers[0], cast.now()), accept_digest="0" * 64)
    text = render_to_string("admin/transfer.html", {"approval": approval, "why_not": ""})
    assert '<span class="word bad">DIFFERENT</span>' in text
    assert "is not shown to match the digest recorded at intake" in text
    assert 'data-act="transfer.approve"' not in text


@pytest.mark.parametrize(
    ("part", "words"), [("giver", "You are giving the exhibit"), ("taker", "You are taking it over")]
)
def test_a_supervisor_who_takes_part_is_told_why_not(cast, part, words):
    people = {"giver": cast.examiner, "taker": cast.officer} | {part: cast.supervisor}
    transfer = Transfer(state=TransferState.ACCEPTED, **people)
    assert words in why_not(cast.supervisor, transfer)
    assert "Ask another supervisor." in why_not(cast.supervisor, transfer)


def test_without_an_enrolled_key_or_with_nothing_to_decide_it_says_so(cast):
    from custody.accounts.models import SigningKey

    transfer = Transfer(state=TransferState.ACCEPTED, giver=cast.examiner, taker=cast.officer)
    assert why_not(cast.supervisor, transfer) == ""
    assert "does not decide on transfers" in why_not(cast.examiner2, transfer)
    cast.act("admin", "key.revoke", key=cast.key("supervisor").keyid, reason="Lost")
    assert SigningKey.objects.get(pk=cast.key("supervisor").keyid).state == "revoked"
    assert "You have no enrolled signing key." in why_not(cast.supervisor, transfer)
    transfer.state = TransferState.APPROVED
    assert "there is nothing to decide" in why_not(cast.supervisor, transfer)


def test_ended_and_open_transfers_can_be_looked_up_by_state(cast, client_of, waiting):
    cast.act("supervisor", "transfer.approve", transfer=str(waiting.transfers[0].pk))
    client = client_of("supervisor")
    shown = {
        state: client.get(f"/admin/custody/transfer/?state={state}").content.decode()
        for state in ("approved", "accepted", "all")
    }
    assert ("EX-1<" in shown["approved"], "EX-2<" in shown["approved"]) == (True, False)
    assert ("EX-1<" in shown["accepted"], "EX-2<" in shown["accepted"]) == (False, True)
    assert "EX-1<" in shown["all"]
    assert client.get("/admin/custody/transfer/?q=nobody").content.decode().count("EX-1<") == 0


def test_forty_transfers_take_a_page_not_a_minute(client_of, waiting, django_assert_max_num_queries):
    with django_assert_max_num_queries(80):
        client_of("supervisor").get("/admin/custody/transfer/")


def test_waiting_is_counted_from_the_acceptance(cast, client_of, waiting):
    first = waiting.transfers[0]
    assert first.accepted_at is not None
    assert first.accepted_at - first.requested_at < timedelta(minutes=1)
    assert "waiting 0\xa0minutes" in page(client_of("supervisor"), first)
