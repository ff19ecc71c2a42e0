"""Pages of transfers: whose turn it is, what the taker must look at, and what waits where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from custody.acts import check_fixity
from evidence.items import FixityOutcome
from tests.web.conftest import Browser


@pytest.fixture
def address(world) -> str:
    return reverse("transfer", args=[world.transfer])


def text_for(browser: Browser, who: str, address: str) -> str:
    return browser(who).get(address).content.decode()


def test_the_taker_accepts_or_refuses_and_sees_what_to_look_at(browser: Browser, address, world) -> None:
    text = text_for(browser, "officer", address)
    assert "match the hash recorded at intake" in text
    assert 'data-act="transfer.accept"' in text
    assert 'data-act="transfer.refuse"' in text
    assert "<strong>S-100</strong>" in text
    assert 'data-act="transfer.withdraw"' not in text


def test_the_giver_withdraws_and_nothing_else(browser: Browser, address) -> None:
    text = text_for(browser, "examiner", address)
    assert 'data-act="transfer.withdraw"' in text
    assert 'data-act="transfer.accept"' not in text


def test_before_the_bytes_were_read_again_the_taker_waits(browser: Browser, world, cast) -> None:
    cast.act("examiner", "transfer.withdraw", transfer=str(world.transfer), reason="Again")
    # Offered in this very moment: after the reading for the first offer, before the one for this.
    cast.clock = timezone.now() - timedelta(seconds=2)
    again = cast.act(
        "examiner",
        "transfer.offer",
        item=str(world.item.pk),
        taker=str(cast.officer.uuid),
        purpose="Storage",
        place="Store A",
        seal_number="S-100",
        seal_condition="intact",
    )["transfer"]
    part = reverse("transfer-reading", args=[again])
    text = text_for(browser, "officer", part)
    assert 'hx-trigger="every 3s"' in text
    assert "transfer.accept" not in text
    cast.work("fixity")
    text = text_for(browser, "officer", part)
    assert "hx-trigger" not in text
    assert 'data-act="transfer.accept"' in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (FixityOutcome.MISMATCH, "Do not accept."),
        (FixityOutcome.UNREADABLE, "That is not proof of tampering"),
    ],
)
def test_a_reading_that_does_not_match_cannot_be_accepted(
    browser, address, world, cast, outcome, words
) -> None:
    check_fixity.check(world.item.pk, outcome, "", "", cast.now())
    text = text_for(browser, "officer", address)
    assert words in text
    assert 'data-act="transfer.accept"' not in text
    assert 'data-act="transfer.refuse"' in text


def test_what_waits_is_counted_in_the_head_and_on_the_first_page(browser: Browser, world, cast) -> None:
    first = browser("officer").get("/").content.decode()
    assert 'class="count">1<span class="visually-hidden"> waiting for you' in first
    assert world.item.exhibit_number in first
    assert "Nothing to approve" in browser("supervisor").get("/").content.decode()
    cast.act("officer", "transfer.accept", transfer=str(world.transfer))
    assert "Open the approval queue" in browser("supervisor").get("/").content.decode()
    assert "Nobody has offered you an exhibit" in browser("officer").get("/").content.decode()


def test_a_supervisor_is_led_to_the_queue_and_signs_nothing_here(
    browser: Browser, address, world, cast
) -> None:
    cast.act("officer", "transfer.accept", transfer=str(world.transfer))
    text = text_for(browser, "supervisor", address)
    assert reverse("admin:custody_transfer_change", args=[world.transfer]) in text
    assert "data-act=" not in text


def test_an_ended_transfer_shows_three_steps_and_no_form(browser: Browser, address, world, cast) -> None:
    cast.act("officer", "transfer.accept", transfer=str(world.transfer), note="Seal compared")
    cast.act("supervisor", "transfer.approve", transfer=str(world.transfer), note="Seen")
    for who in ("examiner", "officer", "auditor"):
        text = text_for(browser, who, address)
        assert "Supervisor Lindqvist" in text
        assert "data-act=" not in text
    assert "Ended" in text_for(browser, "examiner", "/transfers/")
