"""My keys, the proof that I hold a new one, and my profile."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from custody.acts import keys as key_acts
from custody.proof.digests import b64
from custody.proof.keyfile import wrap
from custody.proof.signatures import SigningKey
from tests.cast import PASSWORD
from tests.web.conftest import Browser


@pytest.fixture
def new_key(cast):
    """A key that the partner made in a browser and that waits for enrolment."""
    key = SigningKey.generate()
    params = {"keyid": key.keyid, "spki": b64(key.spki), "label": "Laptop"}
    params["wrapped"] = dict(wrap(key, "four words of a passphrase"))
    return key_acts.request(cast.partner, params, cast.now())


def test_a_person_without_a_key_is_told_to_make_one(browser: Browser, cast) -> None:
    text = browser("partner").get("/").content.decode()
    assert "You cannot sign yet" not in text
    cast.partner.keys.all().update(state="requested", registered_entry=None)
    assert "You cannot sign yet" in browser("partner").get("/").content.decode()


def test_the_page_says_honestly_that_a_passphrase_cannot_be_recovered(browser: Browser, cast) -> None:
    text = browser("examiner").get("/keys/").content.decode()
    assert "A lost passphrase cannot be recovered." in text
    assert 'data-act="key.revoke"' in text


def test_a_waiting_key_asks_for_its_enrolment_and_then_for_the_proof(browser: Browser, cast, new_key) -> None:
    client = browser("partner")
    assert "Ask an administrator to enrol it" in client.get("/keys/").content.decode()
    assert 'hx-trigger="every 8s"' in client.get("/keys/to-prove/").content.decode()
    draft = cast.prepare("admin", "key.register", key=new_key.keyid)
    text = client.get("/keys/to-prove/").content.decode()
    assert f'data-prove="{draft.pk}"' in text
    assert "hx-trigger" not in text
    assert "data-prove" not in browser("examiner").get("/keys/to-prove/").content.decode()


def test_the_key_file_is_its_holders_own_and_the_one_that_was_handed_in(browser: Browser, new_key) -> None:
    answer = browser("partner").get(reverse("key-file", args=[new_key.keyid]))
    assert "attachment" in answer["Content-Disposition"]
    assert json.loads(answer.content) == new_key.wrapped
    for who in ("admin", "examiner", "stranger"):
        assert browser(who).get(reverse("key-file", args=[new_key.keyid])).status_code == 404


def test_administrators_see_whose_key_waits(browser: Browser, new_key) -> None:
    text = browser("admin").get("/").content.decode()
    assert new_key.keyid in text
    assert reverse("admin:custody_signingkey_changelist") in text


def test_the_zone_is_kept_and_times_follow_it(browser: Browser, cast) -> None:
    client = browser("examiner")
    text = client.post("/profile/", {"zone": "America/Bogota"}, follow=True).content.decode()
    assert "Times are now shown in America/Bogota." in text
    cast.examiner.refresh_from_db()
    assert cast.examiner.zone == "America/Bogota"


def test_a_zone_that_does_not_exist_is_refused(browser: Browser, cast) -> None:
    answer = browser("examiner").post("/profile/", {"zone": "../etc/passwd"})
    assert answer.status_code == 422
    assert "Choose a zone from the list." in answer.content.decode()


def test_the_password_is_changed_and_this_session_goes_on(browser: Browser, cast) -> None:
    client = browser("examiner")
    new = "another horse of another colour"
    wrong = client.post("/profile/", {"old": "guess", "new": new, "again": new})
    assert wrong.status_code == 422
    assert "This is not your present password." in wrong.content.decode()
    changed = client.post("/profile/", {"old": PASSWORD, "new": new, "again": new})
    assert changed.status_code == 302, changed.content.decode()
    cast.examiner.refresh_from_db()
    assert cast.examiner.check_password(new)
    assert client.get("/profile/").status_code == 200
