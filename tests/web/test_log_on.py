"""Logging on: the notice, the lock, the access log, where one goes next, and how a session ends."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from custody.accounts.models import AccessLog
from custody.web.middleware import BEGAN, LAST
from tests.cast import PASSWORD, Cast

RIGHT = {"username": "examiner", "password": PASSWORD, "acknowledged": "yes"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return Client()


def test_logging_on_goes_to_the_page_one_wanted(client: Client) -> None:
    answer = client.post("/login/", RIGHT | {"next": "/transfers/"})
    assert (answer.status_code, answer["Location"]) == (302, "/transfers/")
    assert AccessLog.objects.get(act="log-on").outcome == "allowed"


def test_the_notice_must_be_acknowledged(client: Client) -> None:
    answer = client.post("/login/", {key: RIGHT[key] for key in ("username", "password")})
    assert answer.status_code == 422
    assert "Tick that you have read the notice" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_wrong_password_is_recorded_and_the_answer_tells_nothing(client: Client) -> None:
    wrong = client.post("/login/", RIGHT | {"password": "wrong"}).content.decode()
    unknown = client.post("/login/", RIGHT | {"username": "nobody"}).content.decode()
    sentence = "Name or password are wrong, or the account is locked."
    assert sentence in wrong
    assert sentence in unknown
    assert list(AccessLog.objects.filter(act="log-on").values_list("outcome", flat=True)) == ["refused"] * 2


def test_five_failures_lock_the_account_and_the_page_says_who_opens_it(client: Client, cast: Cast) -> None:
    for _ in range(5):
        client.post("/login/", RIGHT | {"password": "wrong"})
    answer = client.post("/login/", RIGHT)
    assert answer.status_code == 422
    assert "until an administrator releases it" in answer.content.decode()


def test_a_name_that_no_database_can_hold_is_refused_and_not_an_error(client: Client) -> None:
    assert client.post("/login/", RIGHT | {"username": "exam\0iner?"}).status_code == 422


def test_logging_on_does_not_send_anybody_to_another_site(client: Client) -> None:
    answer = client.post("/login/", RIGHT | {"next": "https://example.org/"})
    assert answer["Location"] == "/"


def test_logging_off_needs_a_post_and_ends_the_session(client: Client) -> None:
    client.post("/login/", RIGHT)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/")["Location"].startswith("/login/")


@pytest.mark.parametrize(("field", "ago"), [(LAST, 31 * 60), (BEGAN, 12 * 3600 + 1)])
def test_a_session_ends_after_thirty_minutes_idle_and_after_twelve_hours(client, field, ago) -> None:
    client.post("/login/", RIGHT)
    client.get("/")
    session = client.session
    session[field] = int(time.time()) - ago
    session.save()
    answer = client.get("/", follow=True)
    assert "Your session has ended" in answer.content.decode()


def test_a_form_of_another_session_is_refused_with_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", RIGHT)
    assert answer.status_code == 403
    assert "Open the form again" in answer.content.decode()
