"""Log-on: five failures in fifteen minutes lock the account until an administrator releases it (CJIS AC-7)."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from custody.accounts.models import AccessLog, ApiToken, Person
from custody.api.auth import issue_token
from tests.cast import PASSWORD


def log_on(name, password=PASSWORD):
    body = {"username": name, "password": password}
    return Client().post("/api/v1/auth/token/", body, content_type="application/json")


def test_five_failures_lock_the_account_even_for_the_right_password(cast):
    for _ in range(5):
        assert log_on("examiner", "wrong").status_code == 401
    assert log_on("examiner").status_code == 401
    assert Person.objects.get(username="examiner").locked_at is not None


def test_failures_long_ago_do_not_count(cast):
    for _ in range(4):
        log_on("examiner", "wrong")
    Person.objects.filter(username="examiner").update(first_failure=timezone.now() - timedelta(minutes=16))
    assert log_on("examiner", "wrong").status_code == 401
    assert log_on("examiner").status_code == 200


def test_a_locked_account_loses_its_tokens_effect(cast):
    token, _ = issue_token(cast.examiner, timezone.now())
    Person.objects.filter(username="examiner").update(locked_at=timezone.now())
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_tokens_are_kept_as_digests_and_end_after_twelve_hours(cast):
    token, _ = issue_token(cast.examiner, timezone.now() - timedelta(hours=13))
    assert not ApiToken.objects.filter(digest=token).exists()
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_machines_do_not_log_on(cast):
    Person.objects.filter(username="service").update(password=cast.examiner.password)
    assert log_on("service").status_code == 401


def test_an_unknown_name_and_a_wrong_password_get_the_same_words(cast):
    assert log_on("nobody").json()["detail"] == log_on("examiner", "wrong").json()["detail"]


def test_every_log_on_and_every_refusal_is_in_the_access_log(cast):
    log_on("examiner")
    log_on("examiner", "wrong")
    assert [row.outcome for row in AccessLog.objects.filter(act="log-on").order_by("id")] == [
        "allowed",
        "refused",
    ]


@pytest.mark.parametrize("name", ["examiner", "admin"])
def test_an_inactive_account_does_not_log_on(cast, name):
    Person.objects.filter(username=name).update(is_active=False)
    assert authenticate(None, username=name, password=PASSWORD) is None
