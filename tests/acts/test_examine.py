"""A disk image from intake to the report: damage is recorded and shown, never a reason to refuse or to be silent."""

import hashlib
import io

import pytest
from django.utils import timezone

from custody.acts import report as acts
from custody.acts.examine import result_digest
from custody.jobs import Job, JobKind, JobState
from custody.ledger import history
from custody.proof.records import RecordType
from custody.reports import agency_seal
from custody.reports.models import Report
from evidence import answers, store
from evidence.metadata.outcome import Extraction, Outcome
from tests.evidence.metadata import ewf_files
from tests.reports.page_text import page_text
from workers.stored_file import StoredFile

CONTENT = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(64 * 160))


def damaged_image() -> bytes:
    data = bytearray(ewf_files.image(CONTENT, packed=False, e="Mirela Dobrin"))
    data[data.index(CONTENT[ewf_files.CHUNK * 3 :][:64]) + 1000] ^= 1
    return bytes(data)


@pytest.fixture
def item(cast):
    item = cast.take_in(cast.add_authority(cast.open_case()), damaged_image(), filename="phone.E01")
    cast.work(JobKind.METADATA)
    return item


def test_a_damaged_image_is_taken_in_and_marked_with_its_chunk(item):
    item.refresh_from_db()
    assert item.state == "sealed"
    row = item.metadata.get(extractor="disk_image")
    assert row.outcome == Outcome.DAMAGED
    told = answers.unseal(row)
    assert told.values["chunks.damaged.list"] == "3"
    assert told.values["verification"] == "damaged"
    assert "Chunk 3 (counted from 0) is damaged: it does not match its checksum." in told.message


def test_the_record_says_damaged_and_holds_no_word_of_the_image(item):
    told = next(
        one for one in history.of_key("item", str(item.pk)) if one.record.type is RecordType.ITEM_METADATA
    )
    claims = history.verified_openings(told, history.openings([told.index])[told.index])
    said = {row["extractor"]: row["outcome"] for row in claims["extractors"]}
    assert said["disk_image"] == "damaged"
    rows = item.metadata.order_by("extractor")
    extractions = [
        Extraction(row.extractor, row.version, Outcome(row.outcome), one.values, one.message)
        for row in rows
        for one in [answers.unseal(row)]
    ]
    assert claims["result_sha256"] == result_digest(extractions)
    assert "Mirela" in str(extractions)
    assert "Mirela" not in str(claims)
    assert all(b"Mirela" not in bytes(row.sealed) for row in rows)


def test_the_report_names_the_reader_that_found_damage(cast, item):
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())
    made = acts.request(cast.prosecutor, {"item": str(item.pk)}, cast.now())
    cast.work(JobKind.REPORT)
    made = Report.objects.get(pk=made.pk)
    assert made.state == "ready", made.problem
    text = page_text(b"".join(store.read(made.stored))).replace(" ", "")
    assert "founddamagedbydisk_image" in text
    assert "Mirela" not in text


def test_the_job_ends_well_though_the_image_is_damaged(item):
    assert Job.objects.get(kind=JobKind.METADATA, subject=item.pk).state == JobState.DONE


def test_a_stored_object_can_be_read_from_any_place(item):
    data = damaged_image()
    with StoredFile(item.stored) as stored:
        file = io.BufferedReader(stored)
        for place, count in ((1000, 50), (0, 10), (len(data) - 5, 50), (len(data) + 9, 1), (300_000, 70_000)):
            file.seek(place)
            assert file.read(count) == data[place : place + count]
            assert file.tell() == min(place, len(data)) + len(data[place : place + count])
        assert file.seek(-3, io.SEEK_END) == len(data) - 3
        assert file.read() == data[-3:]
