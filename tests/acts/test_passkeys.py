"""Passkeys on the server: handed in with an attestation, enrolled by proof, signing like every other key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from custody.accounts.models import KeyState
from custody.accounts.models import SigningKey as KeyRow
from custody.acts import passkeys as acts
from custody.acts import record, registry
from custody.errors import ConflictError, InvalidError, NotAllowedError
from custody.ledger import history, prove, sites
from custody.ledger.genesis import policy_text
from custody.ledger.replay import replay
from custody.proof import digests, envelope, records
from custody.proof.passkey import Site
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.attestation import registration
from tests.cast import Cast
from tests.proof.passkeys import PRESENT, Passkey

HERE = Site("localhost", "http://localhost:8000")
ELSEWHERE = Site("evidence.test", "https://evidence.test")


@pytest.fixture
def device() -> Passkey:
    return Passkey(site=HERE)


def hand_in(cast: Cast, device: Passkey, name: str = "examiner", **changed: Any) -> KeyRow:
    person = cast.people[name]
    asked = acts.options(person, device.site.origin, cast.now())
    return acts.request(person, registration(device, asked, **changed), cast.now())


def message(draft: Any) -> bytes:
    return envelope.pae(records.RECORD_PAYLOAD_TYPE, bytes(draft.payload))


def enrol(cast: Cast, device: Passkey, name: str = "examiner") -> None:
    hand_in(cast, device, name)
    draft = cast.prepare("admin", "key.register", key=device.keyid)
    record.prove_possession(cast.people[name], draft.pk, device.signature(message(draft)), cast.now())
    cast.sign("admin", draft)


def act(cast: Cast, device: Passkey, name: str, act: str, **params: Any) -> dict[str, Any]:
    draft = registry.prepare(cast.people[name], device.keyid, act, params, cast.now())
    return registry.sign(cast.people[name], draft.pk, device.signature(message(draft)), cast.now())[1]


def test_a_transfer_signed_with_passkeys_verifies_offline_and_in_the_replay(
    cast: Cast, device: Passkey
) -> None:
    enrol(cast, device)
    approver = Passkey(site=HERE, synced=True)
    enrol(cast, approver, "supervisor")
    item = cast.take_in(cast.add_authority(cast.open_case()))
    officer = str(cast.officer.uuid)
    transfer = act(
        cast, device, "examiner", "transfer.offer", item=str(item.pk), taker=officer, purpose="Storage",
        place="Store A", seal_number="S-100", seal_condition="intact",
    )["transfer"]  # fmt: skip
    cast.work("fixity")
    cast.act("officer", "transfer.accept", transfer=transfer)
    act(cast, approver, "supervisor", "transfer.approve", transfer=transfer)
    item.refresh_from_db()
    assert item.custodian == cast.officer
    bundle = prove.prove(Namespace.ITEM, str(item.pk), cast.now()).data
    policy = parse_policy(policy_text())
    assert verify_bundle(bundle, policy=policy).outcome is Outcome.VERIFIED
    assert not replay(policy).findings.failed()


@pytest.mark.parametrize("synced", [False, True])
def test_the_enrolment_says_whether_the_passkey_can_leave_its_device(cast: Cast, synced: bool) -> None:
    device = Passkey(site=HERE, synced=synced)
    enrol(cast, device)
    row = KeyRow.objects.get(pk=device.keyid)
    told = next(iter(history.of_key("keyctl", device.keyid))).record.enrols()[0]
    assert told == row.enrolled()
    assert told.passkey is not None
    assert (told.passkey.backup_eligible, told.passkey.backed_up) == (synced, synced)
    assert told.passkey.attestation == digests.sha256(bytes(row.attestation or b""))
    assert ("synced" in row.in_words(), "bound to one device" in row.in_words()) == (synced, not synced)
    assert row.passkey is not None
    assert row.passkey["transports"] == ["nfc", "usb"]


def test_nothing_is_signed_by_a_passkey_that_is_not_enrolled(cast: Cast, device: Passkey) -> None:
    hand_in(cast, device)
    with pytest.raises(NotAllowedError, match="not enrolled"):
        registry.prepare(cast.examiner, device.keyid, "redaction.plan", {}, cast.now())


def test_the_passkey_proves_possession_on_the_record_that_enrols_it(cast: Cast, device: Passkey) -> None:
    hand_in(cast, device)
    draft = cast.prepare("admin", "key.register", key=device.keyid)
    for forged in (
        device.signature(b"something else"),
        envelope.Signature(device.keyid, device.sign(message(draft))),
        Passkey(site=HERE).signature(message(draft)),
    ):
        with pytest.raises(InvalidError):
            record.prove_possession(
                cast.examiner,
                draft.pk,
                envelope.Signature(device.keyid, forged.sig, forged.assertion),
                cast.now(),
            )


def test_a_signature_without_a_check_of_the_person_is_not_taken(cast: Cast, device: Passkey) -> None:
    enrol(cast, device)
    item = cast.take_in(cast.add_authority(cast.open_case()))
    draft = registry.prepare(
        cast.examiner, device.keyid, "redaction.plan", {"item": str(item.pk)}, cast.now()
    )
    touched = device.signature(message(draft), authenticator_data=device.authenticator_data(flags=PRESENT))
    with pytest.raises(InvalidError, match="making sure that its person was there"):
        registry.sign(cast.examiner, draft.pk, touched, cast.now())


def wrong_registrations() -> list[Any]:
    return [
        pytest.param({"origin": ELSEWHERE.origin}, id="another origin"),
        pytest.param({"type": "webauthn.get"}, id="get instead of create"),
        pytest.param({"crossOrigin": True}, id="inside another page"),
        pytest.param({"challenge": "AAAA"}, id="another challenge"),
        pytest.param({"challenge": digests.b64url("ünï".encode())}, id="a challenge that is no text"),
    ]


@pytest.mark.parametrize("changed", wrong_registrations())
def test_a_passkey_made_elsewhere_or_otherwise_is_not_taken_in(
    cast: Cast, device: Passkey, changed: dict[str, Any]
) -> None:
    with pytest.raises((InvalidError, ConflictError)):
        hand_in(cast, device, **changed)
    assert not KeyRow.objects.filter(pk=device.keyid).exists()


def test_a_passkey_is_taken_in_once_in_time_and_from_who_began(cast: Cast, device: Passkey) -> None:
    asked = acts.options(cast.examiner, HERE.origin, cast.now())
    answer = registration(device, asked)
    with pytest.raises(InvalidError, match="somebody else"):
        acts.request(cast.officer, answer, cast.now())
    acts.request(cast.examiner, answer, cast.now())
    with pytest.raises(ConflictError, match="known already"):
        acts.request(cast.examiner, answer, cast.now())
    again = acts.options(cast.examiner, HERE.origin, cast.now())
    assert [one["id"] for one in again["excludeCredentials"]] == [answer["credential"]]


def test_an_attestation_over_another_key_is_refused(cast: Cast, device: Passkey) -> None:
    asked = acts.options(cast.examiner, HERE.origin, cast.now())
    answer, other = registration(device, asked), registration(Passkey(site=HERE), asked)
    body = digests.unb64url(answer["attestationObject"])
    for attestation in (other["attestationObject"], digests.b64url(body[:-1]), digests.b64url(b"\xff"), "!"):
        with pytest.raises(InvalidError):
            acts.request(cast.examiner, answer | {"attestationObject": attestation}, cast.now())


def test_no_passkey_is_begun_on_a_page_that_the_log_does_not_state(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="does not state"):
        acts.options(cast.examiner, ELSEWHERE.origin, cast.now())


def test_a_site_is_stated_by_an_administrators_signature_and_counts_from_then_on(
    cast: Cast, device: Passkey
) -> None:
    enrol(cast, device)
    text = sites.with_site(sites.stated_policy(), ELSEWHERE)
    with pytest.raises(NotAllowedError):
        cast.prepare("supervisor", "policy.update", policy=text, reason="New name")
    cast.act("admin", "policy.update", policy=text, reason="New name")
    assert sites.stated() == (HERE, ELSEWHERE)
    with pytest.raises(ConflictError, match="already"):
        cast.prepare("admin", "policy.update", policy=text, reason="New name")
    only_there = "\n".join(line for line in text.splitlines() if "localhost" not in line) + "\n"
    draft = registry.prepare(cast.examiner, device.keyid, "key.revoke",
                             {"key": device.keyid, "reason": "Lost"}, cast.now())  # fmt: skip
    cast.act("admin", "policy.update", policy=only_there, reason="Old name given up")
    with pytest.raises(InvalidError, match="does not know"):
        registry.sign(cast.examiner, draft.pk, device.signature(message(draft)), cast.now())


@pytest.mark.parametrize("change", ["no log key", "not a policy", "half a site"])
def test_a_policy_that_would_end_all_verification_is_not_stated(cast: Cast, change: str) -> None:
    text = sites.stated_policy()
    if change == "no log key":
        text = "\n".join(line for line in text.splitlines() if not line.startswith("log "))
    text += {"not a policy": "trust everybody\n", "half a site": "#pin webauthn evidence.test\n"}.get(
        change, "\n"
    )
    with pytest.raises(InvalidError):
        cast.prepare("admin", "policy.update", policy=text, reason="x")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("http://127.0.0.1:8000", HERE),
        ("http://[::1]:8000", HERE),
        ("http://localhost:8000", HERE),
        ("https://evidence.test", ELSEWHERE),
        ("https://evidence.test:8443", Site("evidence.test", "https://evidence.test:8443")),
        ("http://evidence.test", None),
        ("https://192.0.2.7", None),
    ],
)
def test_our_own_site_is_that_of_the_public_address(settings: Any, address: str, site: Site | None) -> None:
    settings.PUBLIC_URL = address
    assert sites.own() == site


@pytest.mark.parametrize(
    "change", [{"kind": "software"}, {"spki": b"other"}, {"attestation": b""}, {"passkey": {}}]
)
def test_the_database_refuses_to_change_what_a_key_is(
    cast: Cast, device: Passkey, change: dict[str, Any]
) -> None:
    hand_in(cast, device)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyRow.objects.filter(pk=device.keyid).update(**change)
    KeyRow.objects.filter(pk=device.keyid).update(label="Red stick")


def test_the_database_refuses_a_passkey_without_its_attestation(cast: Cast, device: Passkey) -> None:
    row = hand_in(cast, device)
    row.keyid, row.attestation = "A" * 43, None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    assert row.state == KeyState.REQUESTED


def test_a_passkey_begun_ten_minutes_ago_is_begun_anew(cast: Cast, device: Passkey, monkeypatch: Any) -> None:
    import time

    asked = acts.options(cast.examiner, HERE.origin, cast.now())
    late = time.time() + timedelta(minutes=11).total_seconds()
    monkeypatch.setattr(time, "time", lambda: late)
    with pytest.raises(InvalidError, match="age"):
        acts.request(cast.examiner, registration(device, asked), cast.now())
