"""Intake: a form that refuses to be incomplete, bytes at exactly their offset, a signature over what arrived."""

import hashlib
import io
from datetime import timedelta

import pytest

from custody.acts import receive, upload_bytes
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.jobs import JobKind
from custody.ledger import history
from evidence import store
from evidence.items import Item
from evidence.uploads import Upload

DATA = b"Meet me at the harbour.\n" * 1000


@pytest.fixture
def authority(cast):
    return cast.add_authority(cast.open_case())


def test_digests_are_computed_as_the_bytes_pass_and_the_stored_copy_reads_back_the_same(cast, authority):
    item = cast.take_in(authority, DATA, declared={"sha256": hashlib.sha256(DATA).hexdigest().upper()})
    assert item.sha256 == hashlib.sha256(DATA).hexdigest()
    assert b"".join(store.read(item.stored)) == DATA
    assert item.content_type == "text/plain"
    record = history.item_state(item.pk)
    assert record.holder == cast.examiner.uuid


def test_a_wrong_declared_digest_quarantines_and_is_recorded(cast, authority):
    upload = cast.upload(authority, DATA, declared={"sha256": "0" * 64})
    cast.work(JobKind.RECEIVE)
    upload.refresh_from_db()
    assert upload.state == "quarantined"
    assert "SHA256 declared 0000" in upload.problem
    told = list(history.of_key("item", str(upload.pk)))
    assert [str(t.record.type) for t in told] == ["item.quarantine"]
    with pytest.raises(ConflictError, match="cannot be signed"):
        cast.act("examiner", "item.intake", upload=str(upload.pk))
    # The number is free again for the right file, and both stay visible.
    again = cast.take_in(authority, DATA, exhibit_number=upload.exhibit_number)
    assert Item.objects.filter(state="quarantined").count() == 1
    assert again.exhibit_number == upload.exhibit_number


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"size": 0}, "size", "empty"),
        ({"filename": "../../etc/passwd"}, "filename", "path"),
        ({"filename": "..\\boot.ini"}, "filename", "path"),
        ({"filename": "a\x00b.txt"}, "filename", "control characters"),
        ({"filename": "x" * 300}, "filename", "300 characters"),
        ({"filename": ""}, "filename", "missing"),
        ({"description": ""}, "description", "missing"),
        ({"tool_version": ""}, "tool_version", "missing"),
        ({"acquired_at": "2026-01-01T10:00:00"}, "acquired_at", "offset"),
        ({"acquired_at": "2099-01-01T10:00:00+00:00"}, "acquired_at", "future"),
        ({"declared": {"sha256": "abc"}}, "declared.sha256", "64 hexadecimal"),
        ({"declared": {"crc32": "abc"}}, "declared.crc32", "not a digest"),
        ({"category": "gossip"}, "category", "one of"),
        ({"size": -1}, "size", "between"),
        ({"size": "many"}, "size", "whole number"),
        ({"description": "bell \x07"}, "description", "control characters"),
        ({"authority": "nonsense"}, "authority", "Choose the legal authority"),
    ],
)
def test_an_incomplete_or_impossible_form_is_refused_by_field(cast, authority, changed, field, words):
    with pytest.raises(InvalidError, match=words) as refused:
        receive.create_upload(cast.examiner, cast.sheet(authority, DATA) | changed, cast.now())
    assert field in refused.value.fields
    assert not Upload.objects.exists()


def test_an_expired_authority_takes_nothing_in(cast, authority):
    cast.clock += timedelta(days=60)
    with pytest.raises(NotAllowedError, match="expired"):
        receive.create_upload(cast.examiner, cast.sheet(authority, DATA), cast.now())


def test_an_authority_that_does_not_cover_the_category_takes_nothing_in(cast, authority):
    narrow = cast.add_authority(authority.case, categories=["financial"])
    with pytest.raises(NotAllowedError, match="does not cover documents"):
        receive.create_upload(cast.examiner, cast.sheet(narrow, DATA), cast.now())


def test_an_ended_authority_freezes_what_is_not_signed_yet(cast, authority):
    upload = cast.upload(authority, DATA)
    cast.work(JobKind.RECEIVE)
    cast.act("supervisor", "authority.end", authority=str(authority.pk), reason="Consent withdrawn")
    with pytest.raises(NotAllowedError, match="was ended"):
        cast.act("examiner", "item.intake", upload=str(upload.pk))


def test_a_closed_case_takes_nothing_in(cast, authority):
    upload = cast.upload(authority, DATA)
    cast.work(JobKind.RECEIVE)
    cast.act("supervisor", "case.close", case=str(authority.case_id), reason="Sentence final")
    with pytest.raises(NotAllowedError, match="closed"):
        receive.create_upload(cast.examiner, cast.sheet(authority, DATA), cast.now())
    with pytest.raises(NotAllowedError, match="closed"):
        cast.act("examiner", "item.intake", upload=str(upload.pk))


def test_the_same_exhibit_number_twice_is_refused_in_words(cast, authority):
    cast.take_in(authority, DATA, exhibit_number="EX-1")
    with pytest.raises(ConflictError, match="in use"):
        receive.create_upload(cast.examiner, cast.sheet(authority, DATA, exhibit_number="EX-1"), cast.now())


def test_bytes_are_taken_at_exactly_the_durable_offset(cast, authority):
    upload = receive.create_upload(cast.examiner, cast.sheet(authority, DATA), cast.now())

    def send(offset, data):
        return upload_bytes.take(upload.pk, offset, len(data), io.BytesIO(data).read, cast.now())

    assert send(0, DATA[:100]).offset == 100
    for offset in (0, 99, 101, len(DATA)):
        with pytest.raises(ConflictError, match="from offset 100"):
            send(offset, b"x")
    with pytest.raises(InvalidError, match="no bytes"):
        send(100, b"")
    with pytest.raises(InvalidError, match="beyond the declared size"):
        send(100, DATA)
    upload_bytes._kept.take(upload.pk, 100)  # as after a restart: the digest state is gone
    done = send(100, DATA[100:])
    assert done.state == "received"
    assert done.sha256 == hashlib.sha256(DATA).hexdigest()
    with pytest.raises(ConflictError, match="takes no more bytes"):
        send(len(DATA), b"x")


def test_another_persons_upload_is_not_found(cast, authority):
    upload = cast.upload(authority, DATA)
    cast.work(JobKind.RECEIVE)
    for name in ("examiner2", "stranger", "officer"):
        with pytest.raises((NotFoundError, NotAllowedError)):
            cast.act(name, "item.intake", upload=str(upload.pk))


def test_a_cancelled_upload_drops_its_bytes_and_frees_its_number(cast, authority):
    sheet = cast.sheet(authority, DATA, exhibit_number="EX-9")
    upload = receive.create_upload(cast.examiner, sheet, cast.now())
    upload_bytes.take(upload.pk, 0, 100, io.BytesIO(DATA[:100]).read, cast.now())
    receive.cancel(cast.examiner, upload.pk)
    assert receive.create_upload(cast.examiner, sheet, cast.now())


def test_text_that_names_a_victim_is_refused_before_it_can_be_recorded(cast, authority):
    cast.register_victim(authority.case, ("name", "Mirela Dobrin"))
    with pytest.raises(InvalidError, match="protects") as refused:
        receive.create_upload(
            cast.examiner, cast.sheet(authority, DATA, description="Phone of MIRELA  dobrin"), cast.now()
        )
    assert "Victim" in refused.value.fields["description"]
    assert "Mirela" not in str(refused.value.fields)
