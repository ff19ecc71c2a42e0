"""Accounts: made with a password shown once, deactivated, released, trained; the role is chosen once and for all."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from custody.accounts.models import AccessLog, ApiToken, Person
from custody.acts import accounts
from custody.api.auth import issue_token
from custody.drafts import Draft
from custody.errors import ConflictError, NotAllowedError, NotFoundError
from tests.cast import PASSWORD

FORM = {
    "username": "sofia",
    "name": "Sofia Lindgren",
    "role": "supervisor",
    "unit": "Trafficking unit",
    "agency": "Test Agency",
    "title": "Inspector",
    "badge": "B-77",
    "email": "sofia@agency.example",
    "training_until": "2027-01-31",
}


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def make(admin, **changed):
    return admin.post("/admin/custody/person/new/", FORM | changed)


def change(admin, person, what, **fields):
    return admin.post(f"/admin/custody/person/{person.uuid}/", {"change": what} | fields, follow=True)


def shown(response):
    return re.search(r'class="secret">([^<]+)<', response.content.decode())[1]


def test_a_new_account_logs_on_with_the_password_that_was_shown_this_once(admin):
    response = make(admin)
    password = shown(response)
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", password)
    person = authenticate(None, username="sofia", password=password)
    assert (person.role, person.unit, person.training_until) == (
        "supervisor",
        "Trafficking unit",
        date(2027, 1, 31),
    )
    assert "no-store" in response["Cache-Control"]
    # It is nowhere else: no message, no session, no second page.
    assert password not in str(dict(admin.session))
    assert password not in admin.get(f"/admin/custody/person/{person.uuid}/").content.decode()
    row = AccessLog.objects.get(act="account.create")
    assert (row.object_id, row.justification) == (str(person.uuid), "role supervisor")


def test_every_account_gets_another_password(admin):
    assert shown(make(admin)) != shown(make(admin, username="sofia2"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"username": "supervisor"}, "The user name supervisor is taken."),
        ({"username": ""}, "The user name is missing."),
        ({"name": ""}, "The name is missing."),
        ({"role": "service"}, "The role must be one of"),
        ({"role": "king"}, "The role must be one of"),
        ({"unit": ""}, "The unit is missing."),
        ({"training_until": "soon"}, "must be a date like"),
    ],
)
def test_a_form_with_something_wrong_says_what(admin, changed, words):
    response = make(admin, **changed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Person.objects.filter(name="Sofia Lindgren").exists()


def test_the_role_of_an_account_cannot_be_changed(admin, cast):
    text = admin.get(f"/admin/custody/person/{cast.examiner.uuid}/").content.decode()
    assert 'name="role"' not in text
    for what in ("role", "training", "activate", "", "save"):
        change(admin, cast.examiner, what, role="supervisor", reason="x", is_active="on")
    cast.examiner.refresh_from_db()
    assert cast.examiner.role == "examiner"


def test_deactivating_ends_everything_at_once_and_needs_a_reason(admin, cast, client_of):
    token, _ = issue_token(cast.examiner, timezone.now())
    session = client_of("examiner")
    change(admin, cast.examiner, "deactivate")
    assert Person.objects.get(username="examiner").is_active
    page = change(admin, cast.examiner, "deactivate", reason="Left the unit").content.decode()
    assert "is deactivated" in page
    assert "still registered. Revoke it." in page
    assert session.get("/").status_code == 302
    assert not ApiToken.objects.filter(person=cast.examiner).exists()
    assert session.get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code in {401, 403}
    assert authenticate(None, username="examiner", password=PASSWORD) is None
    assert AccessLog.objects.get(act="account.deactivate").justification == "Left the unit"
    change(admin, cast.examiner, "activate", reason="Came back")
    assert authenticate(None, username="examiner", password=PASSWORD) is not None


def test_drafts_of_somebody_deactivated_are_gone(admin, cast):
    cast.prepare("supervisor", "case.open", number="N-1", title="T", offence="O")
    change(admin, cast.supervisor, "deactivate", reason="Left")
    assert not Draft.objects.filter(person=cast.supervisor).exists()


def test_a_lock_is_released_by_an_administrator_only(admin, cast):
    for _ in range(5):
        authenticate(None, username="officer", password="wrong")
    assert "LOCKED" in admin.get("/admin/custody/person/?account=locked").content.decode()
    page = change(admin, cast.officer, "release", reason="Called back on the office number")
    assert "is released" in page.content.decode()
    assert authenticate(None, username="officer", password=PASSWORD) is not None
    assert AccessLog.objects.get(act="account.release").object_id == str(cast.officer.uuid)


def test_a_new_password_replaces_the_old_one_and_is_shown_once(admin, cast, client_of):
    session = client_of("officer")
    response = change(admin, cast.officer, "password", reason="Forgot it, came in person")
    assert authenticate(None, username="officer", password=PASSWORD) is None
    assert authenticate(None, username="officer", password=shown(response)) is not None
    assert session.get("/").status_code == 302
    assert cast.officer.keys.get().state == "registered"


def test_training_is_entered_and_taken_away(admin, cast):
    change(admin, cast.examiner, "training", training_until="2028-02-29")
    assert Person.objects.get(username="examiner").training_until == date(2028, 2, 29)
    change(admin, cast.examiner, "training", training_until="")
    assert Person.objects.get(username="examiner").training_until is None
    assert (
        "must be a date" in change(admin, cast.examiner, "training", training_until="soon").content.decode()
    )


def test_administrators_do_not_deactivate_or_reset_themselves(admin, cast):
    door = accounts.Door(cast.admin, "127.0.0.1", timezone.now())
    with pytest.raises(ConflictError, match="their own account"):
        accounts.deactivate(door, cast.admin.uuid, {"reason": "x"})
    with pytest.raises(ConflictError, match="your own password"):
        accounts.give_password(door, cast.admin.uuid, {"reason": "x"})
    text = admin.get(f"/admin/custody/person/{cast.admin.uuid}/").content.decode()
    assert 'value="deactivate"' not in text
    assert 'value="password"' not in text


@pytest.mark.parametrize("name", ["supervisor", "auditor", "examiner", "stranger"])
def test_the_act_itself_is_for_administrators(cast, name):
    door = accounts.Door(cast.people[name], "127.0.0.1", timezone.now())
    with pytest.raises(NotAllowedError):
        accounts.create(door, FORM)
    for act in (
        accounts.deactivate,
        accounts.activate,
        accounts.release_lock,
        accounts.set_training,
        accounts.give_password,
    ):
        with pytest.raises(NotAllowedError):
            act(door, cast.officer.uuid, {"reason": "x"})


def test_the_machines_account_is_not_among_people(admin, cast):
    machine = Person.objects.get(role="service")
    assert "Machines of the agency" not in admin.get("/admin/custody/person/").content.decode()
    assert admin.get(f"/admin/custody/person/{machine.uuid}/").status_code == 404
    with pytest.raises(NotFoundError):
        accounts.deactivate(accounts.Door(cast.admin, "", timezone.now()), machine.uuid, {"reason": "x"})


def test_what_is_asked_twice_is_said_and_changes_nothing(admin, cast):
    assert "is not locked" in change(admin, cast.officer, "release", reason="x").content.decode()
    assert "is active." in change(admin, cast.officer, "activate", reason="x").content.decode()
    change(admin, cast.officer, "deactivate", reason="x")
    assert "deactivated already" in change(admin, cast.officer, "deactivate", reason="x").content.decode()
