"""What a PDF shows in its plain bytes, and in words what it hides there."""

import pytest

from evidence.metadata.outcome import Outcome
from tests.evidence.metadata.answers import ask

BODY = (
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Type /Page >>\nendobj\n"
    b"3 0 obj\n<< /Type/Page/Parent 9 0 R >>\nendobj\n9 0 obj\n<< /Type /Pages >>\nendobj\n"
)


def pdf(info: bytes = b"", extra: bytes = b"", end: bytes = b"%%EOF\n") -> bytes:
    return BODY + extra + b"5 0 obj\n<< " + info + b" >>\nendobj\ntrailer\n<< /Info 5 0 R >>\n" + end


def values(data: bytes) -> dict[str, object]:
    found: dict[str, object] = ask("pdf", data, "application/pdf")["values"]
    return found


def test_version_pages_and_properties_are_read() -> None:
    found = values(pdf(b"/Author (Zo\\353 \\(A\\)) /Title <FEFF0047007200FC> /CreationDate (D:20240301)"))
    assert found["version"] == "1.7"
    assert found["page_objects"] == 2
    assert found["info.Author"] == "Zoë (A)"
    assert found["info.Title"] == "Grü"
    assert found["info.CreationDate"] == "D:20240301"
    assert found["encrypted"] == "no mark of it in the plain bytes"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"(a\\\nb)", "ab"),
        (b"(nested (one) two)", "nested (one) two"),
        (b"(open", "open >>⟨U+000A⟩"),
        (b"<48656C6C6F2>", "Hello "),
        (b"(\\n\\t\\\\)", "⟨U+000A⟩⟨U+0009⟩\\"),
        (b"(\\777)", "ÿ"),
    ],
)
def test_strings_are_read_as_the_standard_says(written: bytes, read: str) -> None:
    assert values(pdf(b"/Author " + written))["info.Author"] == read


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (pdf(extra=b"/Encrypt 7 0 R"), "The properties are encrypted and were not read."),
        (pdf(extra=b"<< /Type /ObjStm >>"), "compressed objects, which are not read here"),
        (pdf(end=b"%%EOF\nmore\n%%EOF\n"), "The file has several end marks"),
        (pdf(extra=b"/JavaScript"), "The document holds JavaScript."),
        (b"junk" + pdf(), "4 bytes stand before the PDF header."),
        (BODY, "No document properties stand in the plain bytes."),
        (BODY + b"/Info 77 0 R", "The document properties lie in a compressed object"),
    ],
)
def test_what_is_hidden_or_odd_is_named(data: bytes, remark: str) -> None:
    answer = ask("pdf", data, "application/pdf")
    assert answer["outcome"] == Outcome.FOUND
    assert remark in answer["message"]


def test_page_objects_are_not_counted_where_some_may_hide() -> None:
    assert "page_objects" not in values(pdf(extra=b"<< /Type /ObjStm >>"))
    assert "page_objects" not in values(pdf(end=b"%%EOF\n%%EOF\n"))


def test_a_file_without_header_is_a_failure_or_not_applicable() -> None:
    assert ask("pdf", b"junk", "application/pdf")["outcome"] == Outcome.FAILED
    assert ask("pdf", b"junk")["outcome"] == Outcome.NOT_APPLICABLE


def test_a_megabyte_of_open_brackets_ends_in_time() -> None:
    assert values(pdf(b"/Title (" * 100_000))["version"] == "1.7"
