"""Both engines in the sandbox, as the workers call them: real children, real limits."""

import pytest

from evidence.metadata.sandbox import MIB, Limits
from evidence.redaction.in_sandbox import check_in_sandbox, redact_in_sandbox
from evidence.redaction.redact import redact
from evidence.redaction.registry import Remark, UnsupportedError
from tests.evidence.redaction import pictures
from tests.evidence.redaction.people import five_victims
from tests.evidence.redaction.test_mail import _multipart

REGISTRY = five_victims()
FILES = {
    "text/plain": "María José González Pérez, 612345678, Анна, =?koi8-r?B?4c7OwQ==?=".encode(),
    "text/csv": "a;b\nMaría;王小明\n".encode("utf-16"),
    "application/json": b'{"Mar\\u00eda": "QW5uYQ=="}',
    "message/rfc822": _multipart().as_bytes(),
    "image/jpeg": pictures.jpeg(orientation=6),
    "image/png": pictures.png(),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_sandbox_makes_the_same_copy_and_the_check_passes_it(kind: str) -> None:
    direct = redact(FILES[kind], kind, REGISTRY)
    redacted = redact_in_sandbox(FILES[kind], kind, REGISTRY)
    assert redacted == direct
    assert redacted.tool.startswith("unbroken redaction")
    report = check_in_sandbox(redacted.data, redacted.content_type, REGISTRY)
    assert report.passed, report.findings
    assert report.to_json()["passed"] is True


def test_the_original_does_not_pass_the_check() -> None:
    report = check_in_sandbox(FILES["text/plain"], "text/plain", REGISTRY)
    assert not report.passed
    assert {f.pseudonym for f in report.findings} == {"Victim 1", "Victim 3"}


def test_a_refusal_comes_out_of_the_sandbox_as_a_sentence() -> None:
    with pytest.raises(UnsupportedError, match="cannot be redacted yet"):
        redact_in_sandbox(b"%PDF-1.7", "application/pdf", REGISTRY)


def test_remarks_come_out_of_the_sandbox() -> None:
    assert Remark.PIXELS_NOT_EXAMINED in redact_in_sandbox(FILES["image/png"], "image/png", REGISTRY).remarks


def test_a_check_that_takes_too_long_has_not_passed() -> None:
    limits = Limits(seconds=0.05)
    report = check_in_sandbox(b"harmless words " * 200_000, "text/plain", REGISTRY, limits=limits)
    assert not report.passed
    assert [(f.code, f.where) for f in report.findings] == [("check_did_not_finish", "SandboxTimeout")]


def test_a_check_that_needs_too_much_memory_has_not_passed() -> None:
    limits = Limits(seconds=60, memory_bytes=192 * MIB)
    report = check_in_sandbox(b"harmless words " * 2_000_000, "text/plain", REGISTRY, limits=limits)
    assert not report.passed
    assert report.findings[0].code in ("check_did_not_finish", "check_failed")


def test_an_empty_registry_makes_a_copy_all_the_same() -> None:
    redacted = redact_in_sandbox(b"hello", "text/plain", [])
    assert redacted.data == b"hello"
    assert check_in_sandbox(redacted.data, "text/plain", []).passed
