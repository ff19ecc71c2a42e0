"""Hostile and broken inputs: a copy that passes, or a refusal in words, in bounded time; never another error."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.redaction.leak_check import check, scan_text
from evidence.redaction.redact import redact
from evidence.redaction.registry import Kind, Protected, UnsupportedError
from tests import corpus
from tests.evidence.redaction.people import five_victims

REGISTRY = five_victims()
# Common words and the shortest of names, which meet by chance.
AWKWARD = [
    *(
        Protected("Victim 7", Kind.NAME, name)
        for name in ("Ana Rose", "Ada Dee", "Li An", "May Hope", "Bo De La O")
    ),
    Protected("Victim 7", Kind.BIRTH_DATE, "1990-01-02"),
    Protected("Victim 8", Kind.ALIAS, "🌹"),
    Protected("Victim 8", Kind.ALIAS, "X"),
    Protected("Victim 8", Kind.HANDLE, "@me"),
    Protected("Victim 9", Kind.PHONE, "112233"),
    Protected("Victim 9", Kind.ADDRESS, "1 A"),
    Protected("Victim 9", Kind.BIRTH_DATE, "spring 1999"),
    Protected("Victim 9", Kind.EMAIL, "not an address"),
]
SECONDS = 60


def _copy_or_refusal(data: bytes, kind: str, registry: list[Protected]) -> bool:
    """Whether a copy was made; a copy must pass its check."""
    started = time.process_time()
    try:
        redacted = redact(data, kind, registry)
    except UnsupportedError as refusal:
        assert refusal.reason.endswith(".")
        return False
    report = check(redacted.data, redacted.content_type, registry)
    assert report.passed, report.findings[:5]
    assert time.process_time() - started < SECONDS
    return True


HOSTILE: dict[str, Callable[[], tuple[bytes, str]]] = {
    "deep arrays": lambda: (b"[" * 200_000 + b"]" * 200_000, "application/json"),
    "deep objects": lambda: (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
    "a number of a million digits": lambda: (b"[" + b"7" * 1_000_000 + b"]", "application/json"),
    "a million empty strings": lambda: (b"[" + b'"",' * 300_000 + b'""]', "application/json"),
    "half surrogates": lambda: (b'["\\ud800 Anna", "\\udc00"]', "application/json"),
    "one huge line": lambda: (b"x" * 1_000_000, "text/plain"),
    "one huge line of spaces": lambda: (b"M" + b" " * 500_000 + b"aria", "text/plain"),
    "a name a hundred thousand times": lambda: ("María".encode() * 20_000, "text/plain"),
    "a name letter by letter": lambda: ("M a r í a ".encode() * 20_000, "text/plain"),
    "open tags": lambda: (b"<a" * 200_000, "text/plain"),
    "open comments": lambda: (b"<!--" * 200_000, "text/plain"),
    "open encoded words": lambda: (b"=?utf-8?q?" * 50_000, "text/plain"),
    "percent signs": lambda: (b"%25" * 200_000, "text/plain"),
    "backslashes": lambda: (b"\\" * 500_000, "text/plain"),
    "ampersands": lambda: (b"&#" * 300_000, "text/plain"),
    "equal signs": lambda: (b"=\n" * 300_000, "text/plain"),
    "dates": lambda: (b"1-1-98 " * 50_000, "text/plain"),
    "marks": lambda: (("M" + "\u0301" * 1_000 + "aria").encode(), "text/plain"),
    "open quotes of a table": lambda: (b'"a,' * 200_000, "text/csv"),
    "quotes only": lambda: (b'"' * 400_001, "text/csv"),
    "separators only": lambda: (b"," * 400_000, "text/csv"),
    "hexadecimal only": lambda: (b"4d6172696120" * 20_000, "text/plain"),
    "base64 only": lambda: (b"TWFyaWEg" * 30_000, "text/plain"),
    "nested mail": lambda: (b"From: a@b.example\nContent-Type: message/rfc822\n\n" * 300, "message/rfc822"),
    "open parts": lambda: (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 300,
        "message/rfc822",
    ),
    "a huge header": lambda: (b"From: a@b.example\nSubject: " + b"x" * 500_000 + b"\n\n", "message/rfc822"),
    "open html": lambda: (b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div><!" * 50_000, "message/rfc822"),
    "a broken charset": lambda: (b"From: a@b.example\nContent-Type: text/plain; charset=\xff\xfe;;\n\nAnna", "message/rfc822"),
    "a charset that is no text": lambda: (b"From: a@b.example\nContent-Type: text/plain; charset=zlib\n\nAnna", "message/rfc822"),
    "a broken file name": lambda: (
        b"From: a@b.example\nContent-Type: text/plain\nContent-Disposition: attachment; filename*999999*=x; filename*0*='\n\nAnna",
        "message/rfc822",
    ),
    "control signs in headers": lambda: (b"From: a\x00\x0b\x0c@b.example\nSubject: \xe2\x80\xa8Anna\n\nx", "message/rfc822"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_inputs_end_in_a_clean_copy_or_a_refusal(name: str) -> None:
    data, kind = HOSTILE[name]()
    _copy_or_refusal(data, kind, REGISTRY)


def test_a_name_pulled_further_apart_than_the_redactor_looks_is_refused_by_the_check() -> None:
    text = ("Li" + " " * 30_000 + "An and M" + "\u0301" * 30_000 + "aria").encode()
    redacted = redact(text, "text/plain", [*AWKWARD, *REGISTRY])
    assert not check(redacted.data, "text/plain", [*AWKWARD, *REGISTRY]).passed


def test_broken_and_ordinary_mail_of_the_corpus_ends_in_a_clean_copy_or_a_refusal() -> None:
    files = [
        *corpus.files("malformed/mail/*"), *corpus.files("mail/eml/*"), *corpus.files("mail/mime4j/*.msg"),
        *corpus.files("mail/tika/*"),
    ]  # fmt: skip
    made = sum(_copy_or_refusal(path.read_bytes(), "message/rfc822", AWKWARD) for path in files)
    assert made >= 40


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "text/csv", "message/rfc822", "image/png", "image/jpeg"]
)
def test_strings_and_broken_pictures_of_the_corpus_never_cause_another_error(kind: str) -> None:
    for path in [*corpus.files("malformed/strings/*"), *corpus.files("malformed/image-*/*")]:
        _copy_or_refusal(path.read_bytes(), kind, AWKWARD)


def test_people_in_real_clinical_notes_are_replaced_and_the_notes_stay_readable() -> None:
    files = list(corpus.files("text-pii/meddocan-es/*.txt"))[:12]
    for path in files:
        spans = (path.with_suffix(".ann")).read_text().splitlines()
        names = [s.split("\t")[2] for s in spans if s.split("\t")[1].startswith("NOMBRE_SUJETO")]
        text = path.read_bytes()
        registry = [Protected("Victim 1", Kind.NAME, name) for name in names if len(name) > 3]
        if not registry:
            continue
        redacted = redact(text, "text/plain", registry)
        assert check(redacted.data, "text/plain", registry).passed
        assert not any(name.encode() in redacted.data for name in names if len(name) > 3)
        assert len(redacted.data) > 0.9 * len(text)


_PIECES = st.sampled_from(
    [
        "Li", "An", "li", "an", "Ana", "ana", "Rose", "May", "Ada", "X", "🌹", "me", "a", "r", "M", "í", "aria", "Mar",
        "1990", "01", "02", "1", "2", "90", "Jan", "112", "233", "0", "+", " ", "  ", "\n", "\r\n", "-", "_", ".", ",",
        "'", '"', "<b>", "</b>", "<", ">", "&amp;", "&#65;", "%41", "%6e%61", "\\u0041", "\\n", "\\", "=41", "=\n", "=",
        "QW5h", "QW5hIFJvc2U=", "416e6120526f7365", "\u200b", "\u0301", "\u202e", "ꙮ", "Α", "ν", "а", "ß", "İ", "王",
        "@", "[at]", "(dot)", "é", "Ã¡", ";", "[", "]", "{", "}", "Victim 7", "7", "/", "|", "\t", "#",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=24).map("".join), st.sampled_from(["text/plain", "text/csv"]))
def test_whatever_the_redactor_leaves_the_leak_check_lets_pass(text: str, kind: str) -> None:
    if text.strip():
        _copy_or_refusal(text.encode("utf-8"), kind, AWKWARD)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_ends_in_a_clean_copy_or_a_refusal(text: str) -> None:
    if text:
        _copy_or_refusal(text.encode("utf-8", "surrogatepass"), "text/plain", AWKWARD)
    scan_text(text, AWKWARD)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["text/plain", "text/csv", "application/json", "message/rfc822"])
)
def test_any_bytes_at_all_end_in_a_clean_copy_or_a_refusal(data: bytes, kind: str) -> None:
    _copy_or_refusal(data, kind, AWKWARD)
