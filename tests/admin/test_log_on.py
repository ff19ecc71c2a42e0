"""Log-on to the administration: the notice, the lock, and words for those whose work is elsewhere."""

from __future__ import annotations

import pytest
from django.test import Client

from custody.accounts.models import AccessLog, ApiToken
from custody.api.auth import issue_token
from tests.cast import PASSWORD, ROLES

ADDRESS = "/admin/login/?next=/admin/"
STAFF = {"supervisor", "supervisor2", "admin", "auditor"}


def log_on(name, password=PASSWORD, **changed):
    client = Client()
    form = {"username": name, "password": password, "acknowledged": "on", "next": "/admin/"} | changed
    return client, client.post(ADDRESS, {key: value for key, value in form.items() if value})


@pytest.mark.parametrize("name", ROLES)
def test_only_those_with_work_here_are_let_in(cast, name):
    client, response = log_on(name)
    if name in STAFF:
        assert (response.status_code, response["Location"]) == (302, "/admin/")
        assert client.get("/admin/").status_code == 200
    else:
        text = response.content.decode()
        assert "The administration is for supervisors, administrators and auditors." in text
        assert "on the ordinary pages" in text
        assert "_auth_user_id" not in client.session
    assert AccessLog.objects.get(act="log-on", person=cast.people[name]).outcome == (
        "allowed" if name in STAFF else "refused"
    )


def test_somebody_logged_on_elsewhere_is_told_why_not(cast, client_of):
    response = client_of("examiner").get("/admin/", follow=True)
    text = response.content.decode()
    assert "You are logged on as Examiner Lindqvist." in text
    assert "enrolled as forensic examiner" in text


def test_without_the_notice_nobody_is_let_in_and_no_password_is_tried(cast):
    client, response = log_on("supervisor", acknowledged="")
    assert "Tick that you have read the notice" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert not AccessLog.objects.filter(act="log-on").exists()


def test_the_refusal_does_not_tell_which_names_exist_or_are_locked(cast):
    told = set()
    for _ in range(6):
        told.add(_refusal(log_on("supervisor", "wrong")[1]))
    told.add(_refusal(log_on("supervisor")[1]))  # the right password of an account that is locked by now
    told.add(_refusal(log_on("no such person", "wrong")[1]))
    assert len(told) == 1
    assert "an administrator releases it" in told.pop()


def _refusal(response):
    return response.content.decode().split('role="alert">')[1].split("<")[0]


def test_logging_off_ends_the_session_and_is_written_down(cast, client_of):
    for address in ("/admin/logout/", "/logout/"):
        client = client_of("supervisor")
        assert client.get(address).status_code == 405, "a link or picture must not log anybody off"
        assert client.post(address).status_code == 302
        assert client.get("/admin/").status_code == 302
    assert AccessLog.objects.filter(act="log-off", person=cast.supervisor).count() == 2


def test_an_unattended_screen_is_left_as_on_the_ordinary_pages(cast, client_of, settings):
    text = client_of("supervisor").get("/admin/").content.decode()
    assert f'<meta name="idle-seconds" content="{settings.SESSION_IDLE_SECONDS}">' in text
    assert 'action="/logout/"' in text


def test_changing_ones_own_password_ends_the_other_sessions_and_tokens(cast, client_of):
    client, _ = log_on("supervisor")
    elsewhere, _ = log_on("supervisor")
    issue_token(cast.supervisor, cast.now())
    new = "a rather long new password"
    wrong = client.post("/admin/password_change/", {"old": "no", "new": "short", "again": "other"})
    assert wrong.status_code == 422
    for words in ("not your present password", "at least 12 characters", "do not agree"):
        assert words in wrong.content.decode()
    right = client.post("/admin/password_change/", {"old": PASSWORD, "new": new, "again": new})
    assert right.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    assert not ApiToken.objects.filter(person=cast.supervisor).exists()
    assert log_on("supervisor", new)[1].status_code == 302
