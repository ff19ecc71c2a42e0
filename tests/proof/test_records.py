"""The signed statement: one schema, one spelling, and commitments instead of words."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import canonical, digests, records
from custody.proof.errors import MalformedError
from custody.proof.records import RecordType, Role, Seen, Subject
from tests.vectors import make

ITEM, CASE = uuid4(), uuid4()
KEY = digests.b64(digests.sha256(b"a map key"))
ACTOR = digests.keyid(b"some key")
TIME = datetime(2026, 3, 5, 9, 7, 1, tzinfo=UTC)
LEAF = digests.sha256(b"some entry")
PLAIN: dict[str, Any] = {
    "log": "evidence.example/log",
    "type": RecordType.ITEM_METADATA,
    "time": TIME,
    "actor": ACTOR,
    "case": CASE,
    "subjects": [Subject(ITEM, 2, LEAF)],
    "seen": Seen(7, LEAF),
    "refs": [LEAF],
}


def test_a_record_is_read_back_as_it_was_built() -> None:
    opening = records.make_opening("purpose", "analysis of the file system")
    record = records.parse(records.build(**PLAIN, openings=[opening], nonce=bytes(range(16))))
    assert record == records.Record(
        v=1,
        log="evidence.example/log",
        type=RecordType.ITEM_METADATA,
        time=TIME,
        nonce=bytes(range(16)),
        actor=ACTOR,
        case=CASE,
        subjects=(Subject(ITEM, 2, LEAF),),
        seen=Seen(7, LEAF),
        refs=(LEAF,),
        claims={"purpose": opening.commitment()},
        extra={},
    )


@pytest.mark.parametrize("record_type", list(RecordType))
def test_every_record_type_of_the_format_can_be_built(record_type: RecordType) -> None:
    assert records.parse(make.example_record(record_type)).type is record_type


def test_nothing_that_a_claim_says_stands_in_the_record() -> None:
    payload = records.build(**PLAIN, openings=[records.make_opening("holder", "Erika Mustermann")])
    assert b"Erika" not in payload
    assert b"holder" in payload


def test_the_same_claim_made_twice_does_not_look_the_same() -> None:
    first, second = (records.make_opening("sha256", "00" * 32) for _ in range(2))
    assert first.commitment() != second.commitment()
    assert records.build(**PLAIN) != records.build(**PLAIN)  # and neither do two records: the nonce


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_an_opening_fits_one_field_and_one_value(field_a: str, a: str, field_b: str, b: str) -> None:
    salt = bytes(32)
    first, second = records.Opening(field_a, salt, a), records.Opening(field_b, salt, b)
    assert (first == second) == (first.commitment() == second.commitment())


def test_an_opening_that_would_not_fit_into_a_bundle_cannot_be_committed_to() -> None:
    value: canonical.JSON = "leaf"
    for _ in range(canonical.MAX_DEPTH - 2):
        value = [value]
    with pytest.raises(MalformedError, match="nested"):
        records.make_opening("note", value).commitment()
    with pytest.raises(MalformedError, match="salt"):
        records.Opening("note", bytes(16), "text").commitment()


def test_times_are_written_in_utc_and_whole_seconds() -> None:
    east = datetime(2026, 3, 5, 11, 7, 1, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert records.parse(records.build(**PLAIN | {"time": east})).time == TIME
    with pytest.raises(ValueError, match="time zone"):
        records.build(**PLAIN | {"time": TIME.replace(tzinfo=None)})


def _changed(payload: bytes, **change: object) -> bytes:
    return canonical.dumps(json.loads(payload) | change)


SUBJECT = {"item": str(ITEM), "seq": 2, "prev": digests.b64(LEAF)}
FIRST = digests.b64(records.NO_ENTRY)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"log": "two words"},
        {"log": ""},
        {"log": "plus+plus"},
        {"log": 7},
        {"type": "item.destroy"},
        {"type": ["note"]},
        {"time": "2026-03-05T09:07:01+00:00"},
        {"time": "2026-03-05T09:07:01.5Z"},
        {"time": "2026-02-30T09:07:01Z"},
        {"time": "2026-03-05T09:07:01Z\n"},
        {"time": "٢٠٢٦-03-05T09:07:01Z"},
        {"nonce": digests.b64(bytes(15))},
        {"actor": "me"},
        {"case": "2024-0815"},
        {"case": str(CASE).upper()},
        {"case": "{" + str(CASE) + "}"},
        {"case": "00000000-0000-1000-8000-000000000000"},
        {"subjects": [SUBJECT, SUBJECT]},
        {"subjects": [SUBJECT | {"seq": 0}]},
        {"subjects": [SUBJECT | {"seq": 1}]},
        {"subjects": [SUBJECT | {"seq": -2}]},
        {"subjects": [SUBJECT | {"prev": FIRST}]},
        {"subjects": [SUBJECT | {"prev": "AAAA"}]},
        {"subjects": [SUBJECT | {"place": "shelf"}]},
        {"subjects": {"0": SUBJECT}},
        {"seen": {"size": 0, "root": digests.b64(LEAF)}},
        {"seen": {"size": 7}},
        {"refs": ["AAAA"]},
        {"refs": "none"},
        {"claims": {"Name of the victim": digests.b64(LEAF)}},
        {"claims": {"name": "Erika Mustermann"}},
        {"claims": []},
        {"note": "free text"},
        {"roots": []},
    ],
)
def test_records_outside_the_schema_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        records.parse(_changed(records.build(**PLAIN), **change))


@pytest.mark.parametrize(
    "name", ["v", "log", "type", "time", "nonce", "actor", "case", "subjects", "seen", "refs", "claims"]
)
def test_no_member_can_be_left_out(name: str) -> None:
    parts = json.loads(records.build(**PLAIN))
    del parts[name]
    with pytest.raises(MalformedError):
        records.parse(canonical.dumps(parts))


@pytest.mark.parametrize(
    ("record_type", "place", "value"),
    [
        (RecordType.GENESIS, "roots", []),
        (RecordType.GENESIS, "roots", [make.enrolled(Role.ADMINISTRATOR)] * 2),
        (RecordType.GENESIS, "policy", 1),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"keyid": ACTOR}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"alg": "ES256"}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"alg": "RS256"}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"kind": "paper"}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"roles": []}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"roles": ["king"]}),
        (
            RecordType.KEY_REGISTER,
            "key",
            make.enrolled(Role.EXAMINER) | {"roles": ["supervisor", "examiner"]},
        ),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"roles": ["examiner", "examiner"]}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"person": "Erika"}),
        (RecordType.KEY_REGISTER, "key", make.enrolled(Role.EXAMINER) | {"name": "Erika"}),
        (RecordType.KEY_REVOKE, "key", {"keyid": ACTOR, "since": "2026-03-05T09:07:01Z"}),
        (RecordType.KEY_REVOKE, "key", {"keyid": "short"}),
        (RecordType.KEY_SUSPECT, "key", {"keyid": ACTOR}),
        (RecordType.KEY_SUSPECT, "key", {"keyid": ACTOR, "since": "yesterday"}),
        (RecordType.ANCHOR, "token", ""),
        (RecordType.ANCHOR, "checkpoint", "evidence.example/log\n5\n"),
        (RecordType.ERASURE, "openings", [2]),
        (RecordType.ERASURE, "openings", [{"index": 3, "fields": ["note"]}]),  # is erased as a whole
        (RecordType.ERASURE, "openings", [{"index": 2, "fields": []}]),
        (RecordType.ERASURE, "openings", [{"index": 2, "fields": ["note", "note"]}]),
        (RecordType.ERASURE, "openings", [{"index": 2, "fields": ["place", "note"]}]),
        (RecordType.ERASURE, "openings", [{"index": -1, "fields": ["note"]}]),
        (RecordType.ERASURE, "erased", [3, 7]),
        (RecordType.ERASURE, "erased", [{"index": 7, "keys": []}, {"index": 3, "keys": []}]),
        (RecordType.ERASURE, "erased", [{"index": 3, "keys": [KEY, KEY]}]),
        (RecordType.ERASURE, "erased", [{"index": 3, "keys": ["c2hvcnQ="]}]),
        (RecordType.ERASURE, "erased", [{"index": 3, "keys": [KEY] * 65}]),
        (RecordType.ERASURE, "erased", [{"index": 3, "keys": [], "reason": "none"}]),
    ],
)
def test_the_members_of_special_records_have_a_schema_too(
    record_type: RecordType, place: str, value: canonical.JSON
) -> None:
    with pytest.raises(MalformedError):
        records.parse(_changed(make.example_record(record_type), **{place: value}))


@pytest.mark.parametrize("record_type", sorted(records.ABOUT_THE_LOG))
def test_records_about_the_log_have_no_case_and_no_item(record_type: RecordType) -> None:
    payload = make.example_record(record_type)
    for change in ({"case": str(CASE)}, {"subjects": [SUBJECT]}):
        with pytest.raises(MalformedError, match="about the log"):
            records.parse(_changed(payload, **change))


def test_a_tool_may_run_outside_any_case_but_an_intake_may_not() -> None:
    records.build(**PLAIN | {"type": RecordType.TOOL_RUN, "case": None})
    with pytest.raises(MalformedError, match="needs a case"):
        records.build(**PLAIN | {"case": None})


def test_a_record_tells_which_keys_it_brings_and_which_it_touches() -> None:
    genesis = records.parse(make.example_record(RecordType.GENESIS))
    register = records.parse(make.example_record(RecordType.KEY_REGISTER))
    assert genesis.controls() == tuple(key.keyid for key in genesis.enrols()) != ()
    assert register.controls() == (register.enrols()[0].keyid,)
    assert register.enrols()[0].roles == {Role.EXAMINER}
    for record_type in (RecordType.KEY_REVOKE, RecordType.KEY_SUSPECT):
        record = records.parse(make.example_record(record_type))
        assert (record.enrols(), record.controls()) == ((), register.controls())
    assert records.parse(records.build(**PLAIN)).controls() == ()


def test_an_extra_member_cannot_replace_a_common_one() -> None:
    for name in ("actor", "case", "claims"):
        with pytest.raises(MalformedError):
            records.build(**PLAIN, extra={name: ACTOR})
    with pytest.raises(MalformedError, match="twice"):
        records.build(
            **PLAIN, openings=[records.make_opening("note", "a"), records.make_opening("note", "b")]
        )


def test_a_payload_that_is_too_large_is_refused() -> None:
    refs = [LEAF] * 400
    with pytest.raises(MalformedError, match="larger"):
        records.build(**PLAIN | {"refs": refs})
    with pytest.raises(MalformedError):
        records.parse(b"[]")


def test_a_map_head_is_read_back_and_has_a_schema() -> None:
    payload = records.build_map_head(log="evidence.example/log", size=9, root=LEAF)
    assert records.parse_map_head(payload) == records.MapHead("evidence.example/log", 9, LEAF)
    for change in ({"type": "note"}, {"v": 2}, {"size": -1}, {"root": "AAAA"}, {"log": " "}, {"note": "x"}):
        with pytest.raises(MalformedError):
            records.parse_map_head(_changed(payload, **change))
    with pytest.raises(MalformedError):
        records.parse(payload)


def test_the_format_knows_exactly_these_roles() -> None:
    assert [str(role) for role in Role] == [
        "examiner", "evidence_officer", "supervisor", "prosecutor", "advocate", "auditor", "administrator",
        "partner", "service",
    ]  # fmt: skip


def test_uuids_must_be_random_ones() -> None:
    with pytest.raises(MalformedError, match="random"):
        records.build(**PLAIN | {"case": UUID(int=20240815)})


def test_an_order_of_erasure_names_something() -> None:
    payload = canonical.loads(make.example_record(RecordType.ERASURE))
    assert isinstance(payload, dict)
    with pytest.raises(MalformedError, match="names no entry"):
        records.parse(canonical.dumps({**payload, "openings": [], "erased": []}))
