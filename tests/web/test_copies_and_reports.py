"""Pages of redacted copies and of custody reports: who decides, what is shown of the check, what leaves how."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from custody.accounts.models import AccessLog
from custody.acts import report as report_acts
from custody.capability import content_of
from custody.jobs import JobKind
from evidence.derivatives import Derivative, DerivativeState
from tests.web.conftest import Browser


@pytest.fixture
def address(copy) -> str:
    assert copy.state == DerivativeState.MADE
    return reverse("derivative", args=[copy.pk])


def text_for(browser: Browser, who: str, address: str) -> str:
    return browser(who).get(address).content.decode()


def test_the_second_person_sees_the_check_and_decides(browser: Browser, address, copy, world) -> None:
    text = text_for(browser, "examiner2", address)
    assert 'data-act="redaction.release"' in text
    assert world.victim.pseudonym in text
    assert "Leak check" in text
    for sentence in copy.leak_check["not_checked"]:
        assert sentence in text
    for engine in copy.leak_check["engines"]:
        assert engine["name"] in text


def test_the_planner_reads_why_they_cannot_release(browser: Browser, address) -> None:
    text = text_for(browser, "examiner", address)
    assert "You asked for this copy, so you cannot release it." in text
    assert "data-act=" not in text


def test_pixels_that_nobody_examined_ask_for_words_of_their_own(browser: Browser, address, copy) -> None:
    assert "pixels_reason" not in text_for(browser, "examiner2", address)
    Derivative.objects.filter(pk=copy.pk).update(remarks=["pixels_not_examined"])
    text = text_for(browser, "supervisor", address)
    assert 'name="pixels_reason"' in text
    assert "What the picture shows was not examined" in text


def test_a_failed_check_is_told_by_pseudonym_and_offers_no_decision(browser: Browser, address, copy) -> None:
    finding = {"code": "names_a_person", "where": "text", "pseudonym": "Victim 9", "kind": "birth_date"}
    Derivative.objects.filter(pk=copy.pk).update(
        state=DerivativeState.QUARANTINED,
        leak_check={"passed": False, "findings": [finding], "engines": [], "not_checked": []},
    )
    text = text_for(browser, "examiner2", address)
    assert "Victim 9 can still be found (birth date), in: text" in text
    assert "data-act=" not in text
    assert "Download" not in text


def test_a_copy_in_work_is_asked_for_until_it_is_made(browser: Browser, copy, world, cast) -> None:
    cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    again = cast.act("examiner", "redaction.plan", item=str(world.item.pk))["derivative"]
    assert "is being made and checked" in text_for(browser, "examiner", reverse("derivative", args=[again]))
    state = reverse("derivative-state", args=[again])
    assert "HX-Refresh" not in browser("examiner").get(state)
    cast.work(JobKind.REDACTION)
    assert browser("examiner").get(state)["HX-Refresh"] == "true"


def test_a_preview_is_recorded_and_sent_by_the_files_service(browser: Browser, copy, cast) -> None:
    answer = browser("examiner2").post(reverse("derivative-download", args=[copy.pk]))
    opened = content_of(urlsplit(answer["Location"]).path.rsplit("/", 1)[1])
    assert (answer.status_code, opened.stored) == (302, copy.stored_id)
    assert AccessLog.objects.get(act="derivative.download").person == cast.examiner2


def test_prosecutors_download_what_was_released_and_nothing_before(
    browser: Browser, address, copy, cast
) -> None:
    download = reverse("derivative-download", args=[copy.pk])
    assert browser("prosecutor").get(address).status_code == 404
    assert browser("prosecutor").post(download).status_code == 404
    cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    text = text_for(browser, "prosecutor", address)
    assert copy.sha256 in text.replace("</span><wbr><span>", "")
    assert "What was replaced" not in text
    assert browser("prosecutor").post(download).status_code == 302


# ---- reports ----


def test_a_report_that_is_not_ready_is_a_page_with_words_not_an_error(browser: Browser, world, cast) -> None:
    report = report_acts.request(cast.prosecutor, {"case": str(world.case.pk)}, cast.now())
    answer = browser("prosecutor").post(reverse("report-download", args=[report.pk]))
    assert answer.status_code == 409
    assert "This report is not ready yet." in answer.content.decode()


def test_a_failed_report_says_why(browser: Browser, world, cast) -> None:
    report = report_acts.request(cast.prosecutor, {"item": str(world.item.pk)}, cast.now())
    report_acts.failed(report.pk, "The ledger does not verify.")
    text = text_for(browser, "supervisor", "/reports/")
    assert "It was not issued: The ledger does not verify." in text


def test_a_ready_report_shows_its_digests_and_each_download_is_recorded(
    browser: Browser, world, cast
) -> None:
    from evidence import store

    report = report_acts.request(cast.prosecutor, {"case": str(world.case.pk)}, cast.now())
    stored, sha256 = store.save(world.case, b"%PDF-1.7 made up for this test")
    report_acts.issued(
        report.pk,
        stored,
        sha256=sha256,
        revision0_sha256="ab" * 32,
        checkpoint_size=12,
        withheld=["Record 3, scope: names a protected person."],
        now=cast.now(),
    )
    text = text_for(browser, "prosecutor", reverse("report", args=[report.pk]))
    assert f'data-copy="{sha256}"' in text
    assert f'data-copy="{"ab" * 32}"' in text
    assert "hx-trigger" not in text
    answer = browser("prosecutor").post(reverse("report-download", args=[report.pk]))
    assert (answer.status_code, "/content/" in answer["Location"]) == (302, True)
    assert AccessLog.objects.get(act="report.download").person == cast.prosecutor
    assert browser("auditor").post(reverse("report-download", args=[report.pk])).status_code == 403


def test_the_page_says_in_three_lines_how_anybody_checks_a_report(browser: Browser, world) -> None:
    text = text_for(browser, "prosecutor", "/reports/")
    assert "/api/v1/ledger/policy/" in text
    assert "--policy policy.txt" in text
    assert "VERIFIED" in text
