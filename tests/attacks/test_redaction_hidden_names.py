"""Somebody hides a victim's name from the machine and not from the reader: every trick ends in a pseudonym.

Each row is one attack on the redactor by the writer of a document. Whatever the redactor does, the leak check must pass
its copy and must not pass the original.
"""

import base64
import gzip
import json

import pytest

from evidence.redaction.leak_check import check
from evidence.redaction.redact import redact
from evidence.redaction.registry import Kind, Protected

REGISTRY = [
    Protected("Victim 1", Kind.NAME, "María José González Pérez"),
    Protected("Victim 1", Kind.OTHER_SCRIPT, "Мария Гонсалес"),
    Protected("Victim 1", Kind.BIRTH_DATE, "1998-03-14"),
    Protected("Victim 1", Kind.PHONE, "+34 612 345 678"),
    Protected("Victim 1", Kind.EMAIL, "maria.g@correo.example"),
    Protected("Victim 1", Kind.DOCUMENT, "X1234567L"),
]

TEXTS = {
    "zero-width signs": "M\u200ba\u200cr\u200di\u2060a G\ufeffonz\u00adález",
    "bidi overrides": "\u202dMaría\u202c \u2067González\u2069",
    "combining marks on every letter": "M\u0336a\u0336r\u0336i\u0336a\u0336 Gonza\u0301\u0323lez",
    "full-width letters": "Ｍａｒｉａ　Ｇｏｎｚａｌｅｚ",
    "mathematical letters": "𝕸𝖆𝖗𝖎𝖆 𝓖𝓸𝓷𝔃𝓪𝓵𝓮𝔃",
    "regional indicators": "🇲🇦🇷🇮🇦 🇬🇴🇳🇿🇦🇱🇪🇿",
    "squared letters": "🅼🅰🆁🅸🅰 🅶🅾🅽🆉🅰🅻🅴🆉",
    "cyrillic look-alikes": "Маrіа Gоnzаlеz",
    "greek look-alikes": "Μαrια Gοnzαlεz",
    "a latin letter in cyrillic": "Mapия Гoнсалeс",
    "letters spaced": "M a r i a   G o n z a l e z",
    "letters dotted": "M.a.r.i.a.G.o.n.z.a.l.e.z",
    "emoji between": "Maria🌹Gonzalez",
    "signs between": "Mar*ia Gon|zález",
    "hyphenated line": "Gonzá-\nlez and Ma-\nría",
    "order turned round": "PÉREZ, María José",
    "glued in a handle": "xx_mariagonzalez_xx",
    "glued by case": "hotelMaríaBeach",
    "words of another text between tags": "<i>Ma</i><!-- x --><b class='y'>ría</b>",
    "colour codes": "\x1b[1mMa\x1b[0mría",
    "arabic digits": "٦١٢٣٤٥٦٧٨",
    "digits one by one": "6-1-2-3-4-5-6-7-8",
    "digits in circles": "⑥①②③④⑤⑥⑦⑧",
    "digits split by a line": "6123\n45678",
    "trunk zero and brackets": "+34 (0) 612.34.56.78",
    "date with a long dash": "14–3–98",
    "date in words": "el 14 de marzo del 1998",
    "date in capitals": "14 MÄRZ 1998",
    "at and dot": "maria . g {at} correo [dot] example",
    "arroba": "maria.g arroba correo punto example",
    "document with signs": "x-123.4567 / l",
    "percent, three times": "Mar%252525C3%252525ADa",
    "entities without an end": "Mar&iacutea Gonz&aacutelez",
    "octal": "Mar\\303\\255a",
    "read as western": "MarÃ\u00ada GonzÃ¡lez",
    "base64 in base64": base64.b64encode(base64.b64encode("dear María, come".encode())).decode(),
    "base64 in json in percent": '%7B"x":"TWFyw61hIEdvbnrDoWxleg=="%7D',
    "gzip in base64": base64.b64encode(gzip.compress(b"Maria Gonzalez was here", mtime=0)).decode(),
    "hexadecimal": "María González".encode().hex(),
    "utf-16 in base64": base64.b64encode("María González".encode("utf-16")).decode(),
    "url": "https://x.example/p?name=Mar%C3%ADa+Gonz%C3%A1lez&tel=%2B34612345678",
    "file name": "IMG_20200101_maria_gonzalez(1).jpg",
    "encoded word across letters": "=?utf-8?B?TWFyw60=?= =?utf-8?B?YSBHb256w6FsZXo=?=",
}


@pytest.mark.parametrize("trick", TEXTS)
def test_a_hidden_name_in_a_text_is_replaced(trick: str) -> None:
    original = f"yesterday {TEXTS[trick]} said so".encode()
    assert not check(original, "text/plain", REGISTRY).passed
    redacted = redact(original, "text/plain", REGISTRY)
    report = check(redacted.data, "text/plain", REGISTRY)
    assert report.passed, (report.findings, redacted.data)
    assert b"Victim 1" in redacted.data or b"[withheld]" in redacted.data
    assert redacted.data.startswith(b"yesterday ")
    assert redacted.data.endswith(b" said so")


@pytest.mark.parametrize("trick", TEXTS)
@pytest.mark.parametrize("place", ["key", "value", "nested"])
def test_a_hidden_name_in_json_is_replaced(trick: str, place: str) -> None:
    text = TEXTS[trick]
    documents = {"key": {text: 1}, "value": [text], "nested": {"a": json.dumps({"b": [text]})}}
    original = json.dumps(documents[place]).encode()
    redacted = redact(original, "application/json", REGISTRY)
    report = check(redacted.data, "application/json", REGISTRY)
    assert report.passed, (report.findings, redacted.data)
    assert not check(original, "application/json", REGISTRY).passed


@pytest.mark.parametrize("trick", TEXTS)
@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_a_hidden_name_in_mail_is_replaced(trick: str, subtype: str) -> None:
    body = base64.encodebytes(f"<p>{TEXTS[trick]}</p>".encode()).decode()
    head = f"From: a@b.example\nContent-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    redacted = redact((head + body).encode(), "message/rfc822", REGISTRY)
    report = check(redacted.data, "message/rfc822", REGISTRY)
    assert report.passed, (report.findings, redacted.data)
    assert b"Victim 1" in redacted.data or b"[withheld]" in redacted.data
