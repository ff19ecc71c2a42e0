"""Enrolling a key from the administration: prepared, proved by its holder, signed; and revoking one."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from custody.accounts.models import KeyState
from custody.accounts.models import SigningKey as KeyRow
from custody.acts import keys as acts
from custody.drafts import Draft
from custody.proof import envelope, records
from custody.proof.digests import b64
from custody.proof.signatures import SigningKey


@pytest.fixture
def fresh(cast):
    """A second key that the officer made and handed in."""
    key = SigningKey.generate()
    params = {"keyid": key.keyid, "spki": b64(key.spki), "label": "tablet"}
    acts.request(cast.officer, params, cast.now())
    return key


def page(client, key):
    return client.get(f"/admin/custody/signingkey/{key.keyid}/").content.decode()


def post(client, address, **body):
    return client.post(f"/api/v1/drafts/{address}", json.dumps(body), content_type="application/json")


def signed(draft, key):
    return b64(key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, bytes(draft.payload))))


def test_keys_that_wait_come_first(client_of, fresh):
    text = client_of("admin").get("/admin/custody/signingkey/").content.decode()
    rows = text.split("<tbody>")[1].split("</tr>")
    assert "waiting for enrolment" in rows[0]
    assert "tablet" in rows[0]
    assert '<span class="count">1</span>' in text


def test_the_enrolment_goes_through_its_three_steps(client_of, cast, fresh):
    admin, holder = client_of("admin"), client_of("officer")
    assert "Prepare the enrolment" in page(admin, fresh)
    prepared = post(admin, "", act="key.register", params={"key": fresh.keyid})
    assert prepared.status_code == 201
    draft = Draft.objects.get(pk=prepared.json()["id"])
    waiting = page(admin, fresh)
    assert "Waiting for the holder's proof." in waiting
    assert f'data-draft="{draft.pk}" data-proved="no"' in waiting
    assert "data-sign disabled" not in waiting
    assert (
        post(holder, f"{draft.pk}/sign/", keyid=fresh.keyid, signature=signed(draft, fresh)).status_code
        == 200
    )
    proved = page(admin, fresh)
    assert 'data-proved="yes"' in proved
    assert "Sign the enrolment" in proved
    root = cast.key("admin")
    assert (
        post(admin, f"{draft.pk}/sign/", keyid=root.keyid, signature=signed(draft, root)).status_code == 200
    )
    done = page(admin, fresh)
    row = KeyRow.objects.get(pk=fresh.keyid)
    assert row.state == KeyState.REGISTERED
    assert f"record {row.registered_entry} of the custody log" in done
    assert "data-enrol=" not in done


def test_what_the_enrolment_script_checks_against_is_on_the_page(client_of, cast, fresh):
    text = page(client_of("admin"), fresh)
    assert (
        f'data-enrol="{fresh.keyid}" data-holder="{cast.officer.uuid}" data-role="evidence_officer"' in text
    )
    assert "custody/admin_enrol.js" in text


def test_an_enrolment_that_ran_out_is_to_be_prepared_anew(client_of, cast, fresh):
    admin = client_of("admin")
    post(admin, "", act="key.register", params={"key": fresh.keyid})
    Draft.objects.update(expires=timezone.now())
    assert "Prepare the enrolment" in page(admin, fresh)


def test_an_administrator_without_a_key_enrols_nobody(client_of, cast, fresh):
    cast.act("admin", "key.revoke", key=cast.key("admin").keyid, reason="Lost")
    text = page(client_of("admin"), fresh)
    assert "You have no enrolled signing key yourself" in text
    assert "data-prepare disabled" not in text


def test_revoking_is_a_signed_form_and_warns_where_it_would_end_everything(client_of, cast):
    admin = client_of("admin")
    text = page(admin, cast.key("examiner"))
    assert 'data-act="key.revoke"' in text
    assert "only key" not in text
    assert "This is your own and only key." in page(admin, cast.key("admin"))
    service = KeyRow.objects.get(person__role="service")
    assert "nothing is received, re-read, redacted or reported" in page(admin, service)
    cast.act("admin", "key.revoke", key=cast.key("examiner").keyid, reason="Device lost")
    revoked = page(admin, cast.key("examiner"))
    assert "Revoked" in revoked
    assert "data-act=" not in revoked.split("<main")[1].split("</main>")[0]
