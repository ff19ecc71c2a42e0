"""The page of an exhibit: its state in a sentence, its chain, its metadata, and opening the original."""

from __future__ import annotations

import hashlib
import re

from django.urls import reverse

from custody.accounts.models import AccessLog
from custody.acts import check_fixity
from custody.jobs import JobKind
from custody.ledger import history
from custody.proof.records import RecordType
from evidence.items import FixityOutcome, Item
from tests.evidence.metadata import ewf_files
from tests.web.conftest import Browser


def page(browser: Browser, who: str, item: Item) -> str:
    return browser(who).get(reverse("item", args=[item.pk])).content.decode()


def test_the_page_shows_both_digests_whole(browser: Browser, world) -> None:
    text = page(browser, "examiner", world.item)
    assert f'data-copy="{hashlib.sha256(world.data).hexdigest()}"' in text
    assert f'data-copy="{world.item.blake3}"' in text


def test_the_state_of_the_stored_copy_is_a_sentence(browser: Browser, world, cast) -> None:
    still = "The stored copy still matches the hash recorded at intake, last read"
    assert still in page(browser, "officer", world.item)
    check_fixity.check(world.item.pk, FixityOutcome.UNREADABLE, "", "The object is missing.", cast.now())
    assert "That is not proof of tampering" in page(browser, "officer", world.item)
    check_fixity.check(world.item.pk, FixityOutcome.MISMATCH, "0" * 64, "", cast.now())
    assert "no longer matches the hash recorded at intake" in page(browser, "officer", world.item)


def test_the_chain_names_each_act_its_signer_and_its_purpose(browser: Browser, world, cast) -> None:
    cast.work(JobKind.METADATA)
    text = page(browser, "auditor", world.item)
    for words in (
        "Taken in",
        "Metadata read",
        "Offered",
        "Stored copy read again",
    ):
        assert words in text
    assert "Purpose:</span> Storage" in text
    assert "by Examiner Lindqvist" in text


def test_a_time_is_shown_in_the_viewers_zone_with_utc_behind_it(browser: Browser, world, cast) -> None:
    cast.officer.zone = "Asia/Kolkata"
    cast.officer.save()
    text = page(browser, "officer", world.item)
    assert '<span class="offset">+05:30</span>' in text
    assert f'datetime="{world.item.received_at:%Y-%m-%dT%H:%M:%SZ}"' in text
    assert f'title="{world.item.received_at:%Y-%m-%d %H:%M:%S} UTC"' in text


def test_every_reader_says_something_also_when_it_found_nothing(browser: Browser, world, cast) -> None:
    assert "Not read yet" in page(browser, "supervisor", world.item)
    cast.work(JobKind.METADATA)
    text = page(browser, "supervisor", world.item)
    for row in world.item.metadata.all():
        assert row.extractor.replace("_", " ") in text
    assert "not applicable" in text
    assert 'id="metadata"' not in page(browser, "officer", world.item)


def test_only_the_custodian_is_offered_the_form_of_a_transfer(browser: Browser, world, cast) -> None:
    cast.act("examiner", "transfer.withdraw", transfer=str(world.transfer), reason="Later")
    assert 'data-act="transfer.offer"' in page(browser, "examiner", world.item)
    assert 'data-act="transfer.offer"' not in page(browser, "officer", world.item)
    takers = page(browser, "examiner", world.item).split('name="taker"')[1].split("</select>")[0]
    assert "Officer Lindqvist" in takers
    assert "Stranger" not in takers
    assert "Prosecutor" not in takers


def test_the_original_is_opened_with_a_reason_that_is_recorded_first(browser: Browser, world, cast) -> None:
    address = reverse("item-open", args=[world.item.pk])
    answer = browser("examiner").post(address, {"reason": "Compare with the printout"})
    assert answer.status_code == 302
    assert "/content/" in answer["Location"]
    newest = list(history.of_key("item", str(world.item.pk)))[-1].record
    assert newest.type is RecordType.ACCESS_UNREDACTED
    assert AccessLog.objects.get(act="item.content").justification == "Compare with the printout"


def test_without_a_reason_the_form_comes_back_and_nothing_is_recorded(browser: Browser, world) -> None:
    before = len(list(history.of_key("item", str(world.item.pk))))
    answer = browser("examiner").post(reverse("item-open", args=[world.item.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert "The reason for opening the unredacted original is missing." in answer.content.decode()
    assert len(list(history.of_key("item", str(world.item.pk)))) == before


def test_a_reason_that_names_a_victim_comes_back_with_her_pseudonym(browser: Browser, world) -> None:
    answer = browser("examiner").post(
        reverse("item-open", args=[world.item.pk]), {"reason": "Ask Mirela Dobrin"}
    )
    assert answer.status_code == 422
    assert f"This text identifies {world.victim.pseudonym}" in answer.content.decode()


def test_who_is_not_custodian_reads_why_the_original_stays_closed(browser: Browser, world) -> None:
    reason = "Only the present custodian opens the unredacted original."
    assert reason in page(browser, "examiner2", world.item)
    answer = browser("examiner2").get(reverse("item-open", args=[world.item.pk]))
    assert answer.status_code == 403
    assert reason in answer.content.decode()


def test_a_quarantined_exhibit_says_so_and_offers_only_words_about_it(browser: Browser, world, cast) -> None:
    upload = cast.upload(world.authority, b"other bytes", declared={"sha256": "0" * 64})
    cast.work(JobKind.RECEIVE)
    upload.refresh_from_db()
    text = page(browser, "examiner", upload.item)
    assert "This exhibit is quarantined" in text
    assert set(re.findall(r'data-act="([^"]+)"', text)) == {"note", "correct"}


def test_a_damaged_disk_image_is_marked_and_its_check_shown_apart(browser: Browser, world, cast) -> None:
    content = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(64 * 160))
    image = bytearray(ewf_files.image(content, packed=False, e="Examiner <b>Lind</b>"))
    whole = cast.take_in(world.authority, bytes(image), exhibit_number="EX-7", filename="phone.E01")
    image[image.index(content[ewf_files.CHUNK * 3 :][:64]) + 1000] ^= 1
    damaged = cast.take_in(world.authority, bytes(image), exhibit_number="EX-8", filename="phone.E01")
    cast.work(JobKind.METADATA)
    text = page(browser, "examiner", damaged)
    assert '<span class="chip chip-damaged">damaged</span>' in text
    assert "This image contradicts itself" in text
    assert "Check of the image against itself" in text
    assert "Chunk 3 (counted from 0) is damaged: it does not match its checksum." in text
    assert "Examiner &lt;b&gt;Lind&lt;/b&gt;" in text
    text = page(browser, "examiner", whole)
    assert "This image contradicts itself" not in text
    assert text.count(hashlib.sha256(content).hexdigest()) == 2
    assert 'id="metadata"' not in page(browser, "officer", damaged)
