"""Every extractor answers for every file; an answer of another form is not believed."""

from io import BytesIO
from typing import Any

import pytest

from evidence.metadata import extract
from evidence.metadata.extract import FILE_TYPE, OTHERS, AnswerError, Extractor, content_type, examine
from evidence.metadata.outcome import Outcome
from evidence.metadata.sandbox import MAX_INPUT, Confinement, Limits, memory_input
from tests.evidence.metadata.exif_files import Exif, app1, jpeg, text

NAMES = ["file_type", "image", "mail", "office", "pdf", "archive", "disk_image"]
PICTURE = jpeg((0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), app1(Exif(main=(text(0x010F, "Acme"),))))
PARSERS = "tests.evidence.metadata.hostile_parsers:"


def examined(data: bytes) -> dict[str, Any]:
    answers = examine(BytesIO(data), len(data))
    assert [answer.extractor for answer in answers] == NAMES
    return {answer.extractor: answer for answer in answers}


def test_a_picture_gets_an_answer_of_every_extractor() -> None:
    answers = examined(PICTURE)
    assert answers["file_type"].values["content_type"] == "image/jpeg"
    assert answers["image"].values["camera.make"] == "Acme"
    assert answers["image"].version.startswith("1 (exifread ")
    for name in ("mail", "office", "pdf", "archive"):
        assert answers[name].outcome == Outcome.NOT_APPLICABLE
        assert answers[name].message.endswith("the file is image/jpeg.")


def test_an_empty_file_is_examined() -> None:
    answers = examined(b"")
    assert answers["file_type"].outcome == Outcome.FOUND
    assert {answers[name].outcome for name in NAMES[1:]} == {Outcome.NOT_APPLICABLE}


def test_a_database_gets_a_type_only() -> None:
    answers = examined(b"SQLite format 3\0" + bytes(100))
    assert answers["file_type"].values["content_type"].startswith("application/")
    for name in NAMES[1:]:
        assert answers[name].outcome == Outcome.NOT_APPLICABLE
        assert answers[name].message


def test_what_only_begins_like_a_disk_image_is_a_damaged_one() -> None:
    answers = examined(b"EVF\x09\x0d\x0a\xff\x00" + bytes(1000))
    assert answers["file_type"].values["content_type"] == "application/x-ewf"
    assert answers["disk_image"].outcome == Outcome.DAMAGED
    assert answers["disk_image"].values["verification"] == "damaged"
    for name in NAMES[1:-1]:
        assert answers[name].outcome == Outcome.NOT_APPLICABLE


def test_the_type_comes_from_content_and_a_name_is_never_asked() -> None:
    assert content_type(b"%PDF-1.4\n") == "application/pdf"
    assert content_type(PICTURE) == "image/jpeg"
    assert content_type(b"\x00\x01\x02") == "application/octet-stream"


class Large(BytesIO):
    """A picture followed by zeros, larger than memory allows; remembers how much was read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0
        data = PICTURE[self.taken : self.taken + size].ljust(size, b"\0")
        self.taken += size
        return data


def test_a_file_over_the_limit_gets_a_type_and_is_reported_as_not_examined() -> None:
    file = Large()
    answers = {answer.extractor: answer for answer in examine(file, MAX_INPUT + 1)}
    assert list(answers) == NAMES
    assert file.taken == extract.HEAD
    assert answers["file_type"].values["content_type"] == "image/jpeg"
    assert f"Only the first 8 MiB of {MAX_INPUT + 1} bytes were read." in answers["file_type"].message
    assert answers["image"].outcome == Outcome.FAILED
    expected = f"Not examined: the file has {MAX_INPUT + 1} bytes or more, the limit is 256 MiB."
    assert answers["image"].message == expected
    assert answers["mail"].outcome == Outcome.NOT_APPLICABLE


def test_a_file_longer_than_its_caller_said_is_reported_as_not_examined() -> None:
    answers = examine(Large(), 100)
    assert [answer.extractor for answer in answers] == NAMES
    assert {answer.outcome for answer in answers} == {Outcome.FAILED}
    assert all("Not examined" in answer.message for answer in answers)


def extractor(target: str, seconds: float = 10) -> Extractor:
    limits = Limits(seconds=seconds, output_bytes=1024 * 1024)
    return Extractor("hostile", PARSERS + target, None, ("",), "everything", limits)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("sleep", "did not end within 0.5 s"),
        ("eat_memory", "limit of memory"),
        ("crash", "SIGSEGV"),
        ("fail", "ValueError: about the file"),
        ("flood_the_result", "larger than"),
        ("answer_not_json", "ValueError"),
        ("read_environment", "other parts than agreed"),
    ],
)
def test_a_parser_that_fails_becomes_an_outcome(target: str, reason: str) -> None:
    with memory_input(b"x") as memory:
        hostile = extractor(target, 0.5 if target == "sleep" else 10)
        answer = extract._extract(hostile, memory, {}, Confinement.REQUIRED)
    assert answer.outcome == Outcome.FAILED
    assert answer.values == {}
    assert reason in answer.message


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"outcome": "found", "values": {}},
        {"outcome": "found", "values": {}, "message": "", "more": 1},
        {"outcome": "splendid", "values": {}, "message": ""},
        {"outcome": ["found"], "values": {}, "message": ""},
        {"outcome": "found", "values": [], "message": ""},
        {"outcome": "found", "values": {"x": 1.5}, "message": ""},
        {"outcome": "found", "values": {"x": None}, "message": ""},
        {"outcome": "found", "values": {"x": "\x1b"}, "message": ""},
        {"outcome": "found", "values": {"\x1b": "x"}, "message": ""},
        {"outcome": "found", "values": {"x": "y" * 5000}, "message": ""},
        {"outcome": "found", "values": {str(n): n for n in range(3000)}, "message": ""},
        {"outcome": "found", "values": {}, "message": None},
        {"outcome": "found", "values": {}, "message": "\u202e"},
        {"outcome": "found", "values": {}, "message": "x" * 1_000_000},
    ],
)
def test_an_answer_of_another_form_is_not_taken_over(answer: object) -> None:
    with pytest.raises(AnswerError):
        extract._checked(FILE_TYPE, answer)


def test_every_extractor_says_what_it_reads_and_has_limits_it_can_live_in() -> None:
    for one in (FILE_TYPE, *OTHERS):
        assert one.reads
        assert one.limits.memory_bytes >= 512 * 1024 * 1024
