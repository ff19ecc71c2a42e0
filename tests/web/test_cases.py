"""The pages of a case: finding exhibits, legal authorities, reports, intake, and the people it protects."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from custody.jobs import JobKind
from custody.reports.models import Report
from custody.web.intake import next_number
from evidence.victims import Identifier, Victim
from tests.web.conftest import Browser


def test_cases_are_listed_and_found_by_number_title_and_offence(browser: Browser, world) -> None:
    client = browser("examiner")
    for q in ("", "2026-04", "night", "TRAFFICKING"):
        assert world.case.number in client.get("/cases/", {"q": q}).content.decode(), q
    assert "No case of yours matches" in client.get("/cases/", {"q": "x\0y"}).content.decode()


def test_exhibits_are_found_by_number_description_file_and_digest(browser: Browser, world, cast) -> None:
    other = cast.take_in(world.authority, b"else\n", exhibit_number="EX-10", description="Bus ticket")
    client, address = browser("officer"), reverse("case", args=[world.case.pk])
    for q, found, hidden in [
        ("ticket", "EX-10", "EX-2<"),
        ("EX-2", "EX-2<", "EX-10<"),
        (other.sha256[:12], "EX-10", "EX-2<"),
    ]:
        text = client.get(address, {"q": q}, headers={"HX-Request": "true"}).content.decode()
        assert found in text, q
        assert hidden not in text, q


def test_going_back_to_a_search_shows_the_whole_page(browser: Browser, world) -> None:
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    text = browser("officer").get(reverse("case", args=[world.case.pk]), {"q": "EX"}, headers=back)
    assert "<!doctype html>" in text.content.decode()


def test_exhibits_stand_in_the_order_in_which_people_count(browser: Browser, world, cast) -> None:
    cast.take_in(world.authority, b"else\n", exhibit_number="EX-10")
    text = browser("officer").get(reverse("case", args=[world.case.pk])).content.decode()
    assert text.index(">EX-2<") < text.index(">EX-10<")


def test_an_expired_and_an_ended_authority_are_told_from_a_valid_one(browser: Browser, world, cast) -> None:
    begun = cast.clock - timedelta(days=20)
    expired = {"valid_from": begun.isoformat(), "valid_until": (begun + timedelta(days=5)).isoformat()}
    cast.add_authority(world.case, reference="W-1", **expired)
    cast.act("supervisor", "authority.end", authority=str(world.authority.pk), reason="Quashed")
    text = browser("prosecutor").get(reverse("case", args=[world.case.pk])).content.decode()
    assert '<span class="chip chip-expired">expired</span>' in text
    assert '<span class="chip chip-ended">ended</span>' in text


def test_an_advocate_sees_copies_that_were_released_and_no_exhibits(
    browser: Browser, world, copy, cast
) -> None:
    address = reverse("case", args=[world.case.pk])
    assert str(copy.pk) not in browser("advocate").get(address).content.decode()
    cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    text = browser("advocate").get(address).content.decode()
    assert str(copy.pk) in text
    assert str(world.item.pk) not in text


def test_a_report_is_asked_for_and_the_page_waits_for_it(browser: Browser, world) -> None:
    answer = browser("prosecutor").post(reverse("case-report", args=[world.case.pk]), follow=True)
    text = answer.content.decode()
    assert 'hx-trigger="every 3s"' in text
    assert Report.objects.get().requested_by.username == "prosecutor"
    assert browser("officer").post(reverse("case-report", args=[world.case.pk])).status_code == 403


def test_nothing_is_taken_in_under_a_closed_case(browser: Browser, world, cast) -> None:
    cast.act("supervisor", "case.close", case=str(world.case.pk), reason="Judgement")
    answer = browser("examiner").get(reverse("intake", args=[world.case.pk]))
    assert answer.status_code == 403
    assert "is closed; nothing can be added to it" in answer.content.decode()


def test_the_intake_page_tells_how_far_ones_own_uploads_are(browser: Browser, world, cast) -> None:
    upload = cast.upload(world.authority, b"page one\n", exhibit_number="EX-7")
    address = reverse("intake-states", args=[world.case.pk])
    told = browser("examiner").get(address).json()["uploads"]
    assert [(u["exhibit_number"], u["state"]) for u in told] == [("EX-7", "received")]
    assert browser("examiner2").get(address).json()["uploads"] == []
    cast.work(JobKind.RECEIVE)
    told = browser("examiner").get(address).json()["uploads"][0]
    upload.refresh_from_db()
    assert (told["state"], told["sha256"]) == ("ready_to_sign", upload.sha256)
    assert "1 waiting for your signature" in browser("examiner").get("/").content.decode()


def test_the_next_exhibit_number_is_in_the_form_of_the_case(browser: Browser, world) -> None:
    assert next_number([]) == "EX-001"
    assert next_number(["KV/9", "KV/10", "odd"]) == "KV/11"
    assert next_number(["A-0099"]) == "A-0100"
    text = browser("examiner").get(reverse("intake", args=[world.case.pk])).content.decode()
    assert 'value="EX-3"' in text


# ---- the people a case protects ----


def rows(*pairs: tuple[str, str], **more: str) -> dict[str, object]:
    return {"kind": [kind for kind, _ in pairs], "value": [value for _, value in pairs], **more}


def test_a_victim_is_registered_without_scripts_and_never_shown(browser: Browser, world) -> None:
    sent = rows(("name", "Oksana Melnyk"), ("name", ""), ("phone", "+380 44 123 45 67"))
    answer = browser("examiner").post(reverse("victims", args=[world.case.pk]), sent, follow=True)
    made = Victim.objects.exclude(pk=world.victim.pk).get()
    text = answer.content.decode()
    assert f"Registered as {made.pseudonym}" in text
    assert "Oksana" not in text
    assert made.identifiers.count() == 2


def test_identifiers_are_added_to_a_victim(browser: Browser, world) -> None:
    sent = rows(("alias", "Mira"), victim=str(world.victim.pk))
    browser("examiner").post(reverse("victims", args=[world.case.pk]), sent)
    assert Identifier.objects.filter(victim=world.victim).count() == 3


def test_a_form_without_identifiers_comes_back_with_words(browser: Browser, world) -> None:
    answer = browser("examiner").post(reverse("victims", args=[world.case.pk]), rows(("name", " ")))
    assert answer.status_code == 422
    assert "without one nothing can be protected" in answer.content.decode()


def test_an_unknown_kind_of_identifier_comes_back_with_what_was_typed(browser: Browser, world) -> None:
    answer = browser("examiner").post(reverse("victims", args=[world.case.pk]), rows(("shoe", "42")))
    assert answer.status_code == 422
    assert 'value="42"' in answer.content.decode()


def test_an_advocate_sees_pseudonyms_and_cannot_register(browser: Browser, world) -> None:
    address = reverse("victims", args=[world.case.pk])
    text = browser("advocate").get(address).content.decode()
    assert world.victim.pseudonym in text
    assert '<form method="post" class="form-wide"' not in text
    assert browser("advocate").post(address, rows(("name", "X Y"))).status_code == 403
