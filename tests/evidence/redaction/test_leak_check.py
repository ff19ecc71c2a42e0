"""The leak check: what it refuses, through which layers it sees, and that every doubt is a refusal."""

import base64
import gzip
import io
import json
import quopri
import zipfile
import zlib
from urllib.parse import quote

import pytest
from PIL import Image

from evidence.redaction import leak_check, leak_image
from evidence.redaction.leak_check import check, scan_bytes, scan_text
from evidence.redaction.registry import Kind, Protected
from tests.evidence.redaction import pictures
from tests.evidence.redaction.people import five_victims

REGISTRY = five_victims()
NAME = "María José González Pérez"
DATA = NAME.encode()


def _zip(name: str, content: bytes, comment: bytes = b"") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.comment = comment
    return output.getvalue()


LAYERS = {
    "utf-8": DATA,
    "utf-16-le": NAME.encode("utf-16-le"),
    "utf-16-be": NAME.encode("utf-16-be"),
    "utf-16 after one byte": b"\x01" + NAME.encode("utf-16-le"),
    "utf-16 inside other bytes": bytes(range(256)) * 3
    + "Maria Jose Gonzalez Perez".encode("utf-16-le")
    + b"\xff" * 99,
    "latin-1": NAME.encode("latin-1"),
    "cyrillic utf-16": "Анна Сергеевна Иванова".encode("utf-16-le"),
    "inside other bytes": bytes(range(256)) * 3 + DATA + bytes(range(256)),
    "base64": base64.b64encode(DATA),
    "base64, one letter before": b"k" + base64.b64encode(b"x" + DATA),
    "base64, two letters before": b"kk" + base64.b64encode(DATA),
    "base64, three letters before": b"kkk" + base64.b64encode(DATA),
    "base64, from the second byte": base64.b64encode(b"xx" + DATA)[1:],
    "base64 in lines": base64.encodebytes(b"lorem ipsum dolor " * 9 + DATA),
    "base64 of utf-16": base64.b64encode(NAME.encode("utf-16-le")),
    "base64 of base64": base64.b64encode(base64.b64encode(DATA)),
    "base64 of gzip": base64.b64encode(gzip.compress(DATA)),
    "hex": DATA.hex().encode(),
    "hex, spaced": DATA.hex(" ").encode(),
    "percent": quote(NAME).encode(),
    "percent twice": quote(quote(NAME)).encode(),
    "quoted-printable": quopri.encodestring(DATA, quotetabs=True),
    "entities": "".join(f"&#{ord(c)};" for c in NAME).encode(),
    "json": json.dumps(NAME).encode(),
    "json in json": json.dumps(json.dumps(NAME)).encode(),
    "gzip": gzip.compress(DATA),
    "zlib": zlib.compress(DATA),
    "zip member": _zip("a.txt", DATA),
    "zip name": _zip("Maria_Gonzalez.txt", b"x"),
    "zip comment": _zip("a.txt", b"x", comment=DATA),
    "zip in zip": _zip("a.zip", _zip("b.txt", DATA)),
    "encoded word": b"=?utf-8?B?" + base64.b64encode(DATA) + b"?=",
    "encoded words, split in a letter": b"=?utf-8?Q?Mar=C3?= =?utf-8?Q?=ADa_Gonz=C3=A1lez?=",
    "continued parameter": b"filename*0*=utf-8''Mar%C3%ADa%20Gon;\r\n filename*1*=z%C3%A1lez",
    "tags": b"<b>M</b>ar\xc3\xada Gonz<i>\xc3\xa1lez</i>",
    "pdf stream": b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode>>\nstream\n"
    + zlib.compress(DATA)
    + b"\nendstream\n",
    "read as western": DATA.decode("latin-1").encode("utf-8"),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_is_seen_through(layer: str) -> None:
    assert scan_bytes(LAYERS[layer], REGISTRY), layer
    assert not check(LAYERS[layer], "text/plain", REGISTRY).passed


@pytest.mark.parametrize("layer", LAYERS)
def test_the_same_layer_about_nobody_is_no_finding(layer: str) -> None:
    nobody = [
        Protected("Victim 1", Kind.NAME, "Zwetlana Quixote Ypsilon"),
        Protected("Victim 1", Kind.PHONE, "+49 30 99887766"),
    ]
    assert scan_bytes(LAYERS[layer], nobody) == []


def test_findings_name_the_pseudonym_the_kind_and_the_layer_and_quote_nothing() -> None:
    report = check(b"x " + base64.b64encode(DATA), "text/plain", REGISTRY)
    assert {(f.code, f.pseudonym, f.kind) for f in report.findings} == {
        ("names_a_person", "Victim 1", "name")
    }
    assert all("encoded" in f.where for f in report.findings)
    assert "Mar" not in json.dumps(report.to_json())


def test_a_clean_copy_passes_and_the_report_says_what_was_not_checked() -> None:
    report = check(b"Victim 1 was there.", "text/plain", REGISTRY)
    assert report.passed
    assert report.findings == []
    assert report.not_checked
    assert {"name", "version"} == set(report.engines[0])


@pytest.mark.parametrize(
    "kind", ["application/pdf", "text/html", "image/gif", "", "application/octet-stream"]
)
def test_an_unknown_type_does_not_pass(kind: str) -> None:
    report = check(b"harmless", kind, REGISTRY)
    assert not report.passed
    assert report.findings[0].code == "unknown_type"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_plain_letters_that_were_read_as_utf16_are_seen(encoding: str) -> None:
    copy = "ok " + b"Maria Gonzalez Perez".decode(encoding)
    assert not check(copy.encode(), "text/plain", REGISTRY).passed


def test_an_empty_copy_does_not_pass() -> None:
    assert not check(b"", "text/plain", []).passed


def test_a_check_that_breaks_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(leak_check, "layers_of_text", broken)
    report = check(b"harmless", "text/plain", REGISTRY)
    assert not report.passed
    assert (report.findings[0].code, report.findings[0].where) == ("check_failed", "RecursionError")


def test_a_missing_engine_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leak_image, "PILLOW", "")
    report = check(pictures.png(rich=False), "image/png", [])
    assert "engine_missing" in {f.code for f in report.findings}
    assert not report.passed


def test_data_that_unfolds_without_end_does_not_pass() -> None:
    bomb = DATA
    for _ in range(12):
        bomb = base64.b64encode(b"lorem ipsum dolor sit amet " + bomb)
    assert not check(bomb, "text/plain", REGISTRY).passed


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        ("María".encode("latin-1"), "text/plain", "not_utf8"),
        (b"\xef\xbb\xbfhello", "text/plain", "not_plain_text"),
        (b"\x01\x02\x03\x04", "text/plain", "not_plain_text"),
        (b"{", "application/json", "not_json"),
        (b"[" * 100_000, "application/json", "check_failed"),
        (b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMD", "text/plain", "embedded_file"),
    ],
)
def test_a_text_copy_of_another_form_does_not_pass(data: bytes, kind: str, code: str) -> None:
    assert code in {f.code for f in check(data, kind, []).findings}


MAIL = "From: a@b.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nhello\n"
MULTI = (
    'From: a@b.example\nContent-Type: multipart/mixed; boundary="b"\n\n'
    "--b\nContent-Type: text/plain; charset=utf-8\n\nhello\n--b--\n"
)


@pytest.mark.parametrize("good", [MAIL, MULTI])
def test_a_message_as_the_redactor_writes_it_passes(good: str) -> None:
    report = check(good.encode(), "message/rfc822", REGISTRY)
    assert report.passed, report.findings


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (MAIL.replace("MIME-Version", "X-Mailer"), "mail_header_not_allowed"),
        (MAIL.replace("text/plain; charset=utf-8", "image/jpeg"), "mail_type_not_allowed"),
        (MAIL.replace("charset=utf-8", "charset=utf-7"), "mail_type_not_allowed"),
        (MAIL.replace("\n\n", "\nContent-Transfer-Encoding: base64\n\n"), "mail_transfer_encoding"),
        (MAIL.replace("\n\n", "\nContent-Disposition: attachment; filename*0=x\n\n"), "mail_disposition"),
        (MAIL.replace("\n\n", "\nfolded\n\n", 1), "mail_header_not_allowed"),
        (MULTI.replace("--b--", "--b"), "mail_boundary"),
        (MULTI + "epilogue", "mail_boundary"),
        (MULTI.replace("\n\n--b", "\n\npreamble\n--b"), "mail_boundary"),
        (MULTI.replace("text/plain", "application/pdf"), "mail_type_not_allowed"),
        (MAIL.replace("plain", "html").replace("hello", "<p>x</p><script>y</script>"), "markup_not_allowed"),
        (MAIL.replace("plain", "html").replace("hello", "<p onclick='x'>x</p>"), "markup_not_allowed"),
        (MAIL.replace("plain", "html").replace("hello", "<img src=x>"), "markup_not_allowed"),
        (MAIL.replace("plain", "html").replace("hello", "<!-- x -->"), "markup_not_allowed"),
        (MAIL.replace("plain", "html").replace("hello", "<p"), "markup_not_allowed"),
    ],
)
def test_a_message_of_another_form_does_not_pass(bad: str, code: str) -> None:
    report = check(bad.encode(), "message/rfc822", REGISTRY)
    assert code in {f.code for f in report.findings}


def _clean_jpeg() -> bytes:
    return pictures.jpeg(rich=False)


JPEG_FAULTS = {
    "comment": lambda d: d[:2] + pictures.segment(0xFE, b"x") + d[2:],
    "empty comment": lambda d: d[:2] + pictures.segment(0xFE, b"") + d[2:],
    "exif": lambda d: d[:2] + pictures.segment(0xE1, b"Exif\0\0MM") + d[2:],
    "icc": lambda d: d[:2] + pictures.segment(0xE2, b"ICC_PROFILE\0") + d[2:],
    "adobe": lambda d: d[:2] + pictures.segment(0xEE, b"Adobe") + d[2:],
    "jfif thumbnail": lambda d: d[:2] + pictures.segment(0xE0, d[6:18] + b"\x01\x01" + b"abc") + d[20:],
    "jfif thumbnail claimed": lambda d: d[:18] + b"\x01\x01" + d[20:],
    "jfxx": lambda d: d[:20] + pictures.segment(0xE0, b"JFXX\0\x10") + d[20:],
    "trailing": lambda d: d + b"x",
    "second picture": lambda d: d + d,
    "before the last scan ends": lambda d: d[:-2] + b"\xff\xfe\x00\x04ab" + d[-2:],
    "between segments": lambda d: d[:20] + b"zz" + d[20:],
    "table holds more": lambda d: d[:20] + pictures.segment(0xDB, b"\0" * 70) + d[20:],
    "huffman table holds more": lambda d: d[:20] + pictures.segment(0xC4, b"\0" * 17 + b"abc") + d[20:],
    "cut off": lambda d: d[:-2],
    "name in the pixels": lambda d: d[:-2] + b"Maria Jose Gonzalez Perez" + d[-2:],
    "no jpeg": lambda d: b"GIF89a" + d,
}


@pytest.mark.parametrize("fault", JPEG_FAULTS)
def test_every_fault_of_a_jpeg_is_found(fault: str) -> None:
    assert check(_clean_jpeg(), "image/jpeg", REGISTRY).passed
    assert not check(JPEG_FAULTS[fault](_clean_jpeg()), "image/jpeg", REGISTRY).passed


def _clean_png() -> bytes:
    return pictures.png(rich=False)


def _before_end(extra: bytes, data: bytes) -> bytes:
    return data[:-12] + extra + data[-12:]


PNG_FAULTS = {
    "text": lambda d: _before_end(pictures.chunk(b"tEXt", b"a\0b"), d),
    "exif": lambda d: _before_end(pictures.chunk(b"eXIf", b"MM"), d),
    "time": lambda d: _before_end(pictures.chunk(b"tIME", b"\0" * 7), d),
    "private": lambda d: _before_end(pictures.chunk(b"prVt", b""), d),
    "physical size": lambda d: d[:33] + pictures.chunk(b"pHYs", b"\0" * 9) + d[33:],
    "palette": lambda d: d[:33] + pictures.chunk(b"PLTE", b"abc") + d[33:],
    "animation": lambda d: d[:33] + pictures.chunk(b"acTL", b"\0" * 8) + d[33:],
    "second header": lambda d: d[:33] + d[8:33] + d[33:],
    "trailing": lambda d: d + b"x",
    "second picture": lambda d: d + d,
    "bytes after the pixels": lambda d: _before_end(pictures.chunk(b"IDAT", b"abc"), d),
    "broken check": lambda d: d[:29] + b"\0\0\0\0" + d[33:],
    "cut off": lambda d: d[:-12],
    "more rows than promised": lambda d: _taller(),
    "no png": lambda d: b"x" + d,
}


def _taller() -> bytes:
    rows = zlib.compress(b"\0" * (4 * 5))
    header = b"\x00\x00\x00\x01\x00\x00\x00\x04\x08\x02\x00\x00\x00"
    parts = (pictures.chunk(b"IHDR", header), pictures.chunk(b"IDAT", rows), pictures.chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("fault", PNG_FAULTS)
def test_every_fault_of_a_png_is_found(fault: str) -> None:
    assert check(_clean_png(), "image/png", REGISTRY).passed
    assert not check(PNG_FAULTS[fault](_clean_png()), "image/png", REGISTRY).passed


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA", "1"])
def test_pictures_of_other_modes_do_not_pass(mode: str) -> None:
    output = io.BytesIO()
    Image.new(mode, (4, 4)).save(output, "PNG")
    assert not check(output.getvalue(), "image/png", []).passed


def test_a_form_field_that_names_a_victim_is_seen_and_others_are_not() -> None:
    assert scan_text("Interview with María on Monday", REGISTRY) == ["Victim 1"]
    assert scan_text("Call +49 151 2345 6789 and ask for Fátima", REGISTRY) == ["Victim 2", "Victim 4"]
    assert scan_text("Born on 21 June 2000; lives in Kazan", REGISTRY) == ["Victim 3"]
    assert scan_text("Two laptops and a phone, found on 3 May 2021 at 14:00 by officer 4411", REGISTRY) == []
    assert scan_text("", REGISTRY) == []
    assert scan_text("María", []) == []
