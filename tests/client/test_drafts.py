"""Nothing is signed that does not say what was asked, however the server words it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custody.client import drafts
from custody.client.drafts import Asked, Session
from custody.client.errors import ClientError, DraftMismatchError, NotReadyError, StaleDraftError
from custody.proof import digests, records
from tests.client.fake_server import AUTHORITY, CASE, FakeServer, Upload, intake_claims

FORM: dict[str, Any] = {
    "exhibit_number": "AB/1",
    "description": "A letter",
    "filename": "letter.txt",
    "size": 5,
    "category": "documents",
    "item_class": "general",
    "authority": AUTHORITY,
    "acquired_at": "2026-03-10T09:30:00+00:00",
    "quantity": 1,
    "source": {},
}
UPLOAD = "4b3f0a52-1d53-4f6f-9f0e-aa1d3f0a7c11"


@pytest.fixture
def asked(fake: FakeServer) -> Asked:
    upload = Upload(FORM, bytearray(b"bytes"), state="ready_to_sign")
    fake.uploads[UPLOAD] = upload
    claims = intake_claims(upload)
    authority = claims.pop("authority")
    return Asked(
        "item.intake",
        {"upload": UPLOAD},
        case=CASE,
        item=UPLOAD,
        values=claims,
        parts={"authority": {"authority": authority["authority"]}},
    )


def nothing_signed(fake: FakeServer) -> bool:
    return not any(path.endswith("/sign/") for _, path in fake.requests)


def test_a_draft_that_says_what_was_asked_is_signed_and_kept(
    fake: FakeServer, session: Session, asked: Asked
) -> None:
    signed = drafts.sign(session, asked)
    assert signed.entry == 1
    assert signed.result == {"item": UPLOAD}
    own = session.profile.read("receipts/1.json")
    assert own["leaf"] == digests.b64(digests.leaf_hash(fake.entries[1]))
    assert records.parse(digests.unb64(str(own["payload"]))).type == "item.intake"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sha256", "0" * 64),
        ("exhibit", "AB/2"),
        ("filename", "letter\u202etxt"),
        ("size", 6),
        ("class", "contraband"),
        ("authority", {"authority": CASE}),
        ("authority", "none"),
        ("sheet", {"description": "Another letter"}),
    ],
)
def test_a_draft_that_says_something_else_is_not_signed(
    fake: FakeServer, session: Session, asked: Asked, name: str, value: Any
) -> None:
    fake.alter_claims = lambda claims: claims.update({name: value})
    with pytest.raises(DraftMismatchError, match=name):
        drafts.sign(session, asked)
    assert nothing_signed(fake)


def test_a_draft_that_leaves_a_statement_out_is_not_signed(
    fake: FakeServer, session: Session, asked: Asked
) -> None:
    fake.alter_claims = lambda claims: claims.pop("sheet") and None
    with pytest.raises(DraftMismatchError, match="does not state sheet"):
        drafts.sign(session, asked)


def test_true_is_not_taken_for_one(fake: FakeServer, session: Session, asked: Asked) -> None:
    fake.uploads[UPLOAD].form = {**FORM, "size": True}
    with pytest.raises(DraftMismatchError, match="size"):
        drafts.sign(session, replace(asked, values={"size": 1}))


def shows_one_and_commits_to_another(answer: dict[str, Any]) -> None:
    row = next(row for row in answer["openings"] if row["field"] == "exhibit")
    row["salt"] = digests.b64(bytes(32))


def hides_a_statement(answer: dict[str, Any]) -> None:
    answer["openings"] = [row for row in answer["openings"] if row["field"] != "class"]


def opens_one_twice(answer: dict[str, Any]) -> None:
    answer["openings"].append(dict(answer["openings"][0]))


def is_not_canonical(answer: dict[str, Any]) -> None:
    members = json.loads(digests.unb64(answer["payload"]))
    answer["payload"] = digests.b64(json.dumps(members).encode())


def is_of_another_type(answer: dict[str, Any]) -> None:
    answer["payload_type"] = records.MAP_HEAD_PAYLOAD_TYPE


def lacks_its_payload(answer: dict[str, Any]) -> None:
    del answer["payload"]


def has_a_short_salt(answer: dict[str, Any]) -> None:
    answer["openings"][0]["salt"] = digests.b64(b"short")


@pytest.mark.parametrize(
    "altered",
    [
        shows_one_and_commits_to_another,
        hides_a_statement,
        opens_one_twice,
        is_not_canonical,
        is_of_another_type,
        lacks_its_payload,
        has_a_short_salt,
    ],
)
def test_a_draft_of_another_form_is_not_signed(
    fake: FakeServer, session: Session, asked: Asked, altered: Any
) -> None:
    fake.alter_answer = altered
    with pytest.raises(DraftMismatchError):
        drafts.sign(session, asked)
    assert nothing_signed(fake)


@pytest.mark.parametrize(
    "other",
    [
        {"act": "transfer.accept"},
        {"case": AUTHORITY},
        {"item": CASE},
        {"actor": "A" * 43},
    ],
)
def test_a_draft_about_another_thing_is_not_signed(
    fake: FakeServer, session: Session, asked: Asked, other: dict[str, str]
) -> None:
    draft = drafts.read(
        session.server.post("drafts/", {"act": asked.act, "params": asked.params, "keyid": session.key.keyid})
    )
    drafts.check(session, draft, asked)
    with pytest.raises(DraftMismatchError):
        drafts.check(session, draft, replace(asked, **other))  # type: ignore[arg-type]


def test_a_wrong_clock_is_told(session: Session, asked: Asked) -> None:
    late = replace(session, now=lambda: datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(DraftMismatchError, match="Set the clock"):
        drafts.sign(late, asked)


def test_a_stale_draft_is_prepared_again_but_not_for_ever(
    fake: FakeServer, session: Session, asked: Asked
) -> None:
    fake.stale_signatures = 2
    assert drafts.sign(session, asked).entry == 1
    fake.stale_signatures = 99
    with pytest.raises(StaleDraftError):
        drafts.sign(session, asked)


def test_an_act_waits_while_the_server_reads_the_bytes_again(
    fake: FakeServer, session: Session, asked: Asked
) -> None:
    fake.refuse_drafts = 3
    assert drafts.sign(session, asked).entry == 1
    fake.refuse_drafts = 10_000
    with pytest.raises(NotReadyError, match="being read again"):
        drafts.sign(session, asked)


def test_a_log_that_goes_back_or_forks_is_not_signed_upon(
    fake: FakeServer, session: Session, asked: Asked
) -> None:
    fake.seen = records.Seen(10, digests.sha256(b"ten"))
    drafts.sign(session, asked)
    for seen in (records.Seen(9, digests.sha256(b"nine")), records.Seen(10, digests.sha256(b"other ten"))):
        fake.seen = seen
        with pytest.raises(DraftMismatchError, match="set back"):
            drafts.sign(session, asked)


def test_a_server_that_stores_another_record_is_found_out(
    fake: FakeServer, session: Session, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = fake.post

    def lying(path: str, body: Any) -> tuple[int, Any]:
        status, answer = honest(path, body)
        if path.endswith("/sign/"):
            answer["leaf"] = digests.b64(bytes(32))
        return status, answer

    monkeypatch.setattr(fake, "post", lying)
    with pytest.raises(ClientError, match="another record"):
        drafts.sign(session, asked)
