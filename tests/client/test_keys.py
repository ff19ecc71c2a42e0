"""Keys stay wrapped in the profile; a holder proves possession only of the own key, person and role."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from custody.client import drafts, keys
from custody.client.drafts import Session
from custody.client.errors import ClientError, DraftMismatchError, ProfileError
from custody.client.profile import Profile
from custody.proof import digests, envelope, records, signatures
from custody.proof.signatures import SigningKey
from tests.client.fake_server import ORIGIN, PERSON, FakeServer

PASSPHRASE = "a passphrase of some length"


def test_a_new_key_is_kept_wrapped_and_opened_by_its_passphrase_only(profile: Profile) -> None:
    key = keys.new(profile, PASSPHRASE)
    path = profile.folder / f"keys/{key.keyid}.key.json"
    assert path.stat().st_mode & 0o077 == 0
    assert key.to_pkcs8() not in path.read_bytes()
    assert keys.unlock(profile, PASSPHRASE).keyid == key.keyid
    with pytest.raises(ClientError, match="passphrase does not open"):
        keys.unlock(profile, PASSPHRASE + "!")


def test_a_short_passphrase_makes_no_key(profile: Profile) -> None:
    with pytest.raises(ClientError, match="at least 12"):
        keys.new(profile, "short")
    with pytest.raises(ProfileError, match="no signing key"):
        keys.current(profile)


def test_a_key_file_from_elsewhere_is_taken_in(profile: Profile, tmp_path: Path) -> None:
    key = keys.new(Profile(tmp_path / "other"), PASSPHRASE, "Ed25519")
    assert keys.add(profile, tmp_path / f"other/keys/{key.keyid}.key.json") == key.keyid
    assert keys.unlock(profile, PASSPHRASE).alg == "Ed25519"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "unbroken.key/v1"}', '"text"'])
def test_other_files_are_not_taken_for_key_files(profile: Profile, tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    with pytest.raises(ProfileError, match="not a key file"):
        keys.add(profile, path)


def test_a_damaged_key_file_is_told_apart_from_a_wrong_passphrase(profile: Profile) -> None:
    key = keys.new(profile, PASSPHRASE)
    path = profile.folder / f"keys/{key.keyid}.key.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, "keyid": "A" * 43}))
    with pytest.raises(ProfileError, match="damaged"):
        keys.unlock(profile, PASSPHRASE)


def enrolment(fake: FakeServer, session: Session, **changes: Any) -> SigningKey:
    """Let an administrator's draft of an enrolment wait at the fake server."""
    administrator = SigningKey.generate()
    enrolled = {
        "keyid": session.key.keyid,
        "spki": digests.b64(session.key.spki),
        "alg": str(session.key.alg),
        "person": PERSON,
        "roles": ["examiner"],
        "kind": "software",
        **changes,
    }
    payload = records.build(
        log=ORIGIN,
        type=records.RecordType.KEY_REGISTER,
        time=datetime.now(UTC),
        actor=administrator.keyid,
        seen=records.NOTHING_SEEN,
        extra={"key": enrolled},
    )
    fake.drafts["d"] = {
        "id": "d",
        "act": "key.register",
        "payload": digests.b64(payload),
        "payload_type": records.RECORD_PAYLOAD_TYPE,
        "openings": [],
        "needs": ["new_key", "actor"],
        "second_keyid": session.key.keyid,
    }
    return administrator


def test_the_holder_signs_the_same_bytes_with_the_new_key(
    fake: FakeServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolment(fake, session)
    payload = digests.unb64(fake.drafts["d"]["payload"])
    signed: list[bytes] = []

    def take(name: str, body: Any) -> tuple[int, Any]:
        signed.append(digests.unb64(body["signature"]))
        return 200, {"entry": None, "leaf": "", "result": {}, "receipt_url": ""}

    monkeypatch.setattr(fake, "_sign", take)
    (sentence,) = keys.prove(session)
    assert "Test Examiner as examiner" in sentence
    pae = envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)
    signatures.verify(session.key.spki, signed[0], pae)


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ["administrator"]},
        {"roles": ["administrator", "examiner"]},
        {"person": "00000000-0000-4000-8000-000000000000"},
        {"kind": "service"},
    ],
)
def test_an_enrolment_in_another_name_or_role_is_not_signed(
    fake: FakeServer, session: Session, changes: dict[str, Any]
) -> None:
    enrolment(fake, session, **changes)
    with pytest.raises(DraftMismatchError, match="another key, person or role"):
        keys.prove(session)
    assert "d" in fake.drafts


def test_enrolments_of_other_keys_are_left_alone(fake: FakeServer, session: Session) -> None:
    enrolment(fake, session)
    fake.drafts["d"]["second_keyid"] = SigningKey.generate().keyid
    assert keys.prove(session) == []


def test_an_administrator_does_not_sign_before_the_holder(fake: FakeServer, session: Session) -> None:
    draft = {"id": "d", "needs": ["new_key", "actor"]}
    fake.drafts["d"] = draft
    assert keys._missing(session, "d")
    draft["needs"] = ["actor"]
    assert not keys._missing(session, "d")
    del fake.drafts["d"]
    with pytest.raises(ClientError, match="has expired"):
        keys._missing(session, "d")


def test_a_draft_of_another_act_is_no_enrolment(fake: FakeServer, session: Session) -> None:
    enrolment(fake, session)
    draft = drafts.read(fake.drafts["d"])
    with pytest.raises(DraftMismatchError):
        drafts.check(session, draft, drafts.Asked("case.open", {}, actor=draft.record.actor))
