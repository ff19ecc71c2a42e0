"""Headers in their order, attachments by digest, and every defect of the format named."""

import base64
import hashlib

import pytest

from evidence.metadata.mail import begins_like_mail, decoded
from evidence.metadata.outcome import Outcome
from tests.evidence.metadata.answers import ask

ATTACHED = bytes(range(256)) * 20


def message(*lines: str, end: str = "\r\n") -> bytes:
    return end.join(lines).encode("utf-8") + end.encode()


def with_attachment(head: str, body: str) -> bytes:
    return message(
        "From: Zoë <zoe@example.org>",
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "hello",
        "--b",
        *head.split("\n"),
        "",
        body,
        "--b--",
    )


def test_headers_are_listed_in_their_order_and_decoded() -> None:
    mail = message(
        "Received: from b by c; Fri, 1 Mar 2024 10:00:01 +0100",
        "Received: from a",
        "\tby b; Fri, 1 Mar 2024 10:00:00 +0100",
        "From: =?iso-8859-1?q?Zo=EB?= <zoe@example.org>",
        "To: a@example.org, b@example.org",
        "Subject: =?koi8-r?B?8NLJ18XU?=",
        "Date: Fri, 1 Mar 2024 10:00:00 +0100",
        "Message-ID: <1@example.org>",
        "",
        "hello",
    )
    answer = ask("mail", mail, "message/rfc822")
    values = answer["values"]
    assert answer["outcome"] == Outcome.FOUND
    assert values["from"] == "Zoë <zoe@example.org>"
    assert values["subject"] == "Привет"
    assert values["date.utc"] == "2024-03-01T09:00:00Z"
    assert values["header.001.Received"] == "from b by c; Fri, 1 Mar 2024 10:00:01 +0100"
    assert values["header.002.Received"] == "from a by b; Fri, 1 Mar 2024 10:00:00 +0100"
    assert values["header.007.Message-ID"] == "<1@example.org>"
    assert (values["parts"], values["attachments"]) == (1, 0)


def test_an_attachment_has_name_type_size_and_digest() -> None:
    body = base64.encodebytes(ATTACHED).decode().replace("\n", "\r\n")
    head = (
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf"
    )
    values = ask("mail", with_attachment(head, body), "message/rfc822")["values"]
    assert values["attachments"] == 1
    assert values["attachment.001.name"] == "Grüße.pdf"
    assert values["attachment.001.type"] == "application/pdf"
    assert values["attachment.001.size"] == len(ATTACHED)
    assert values["attachment.001.sha256"] == hashlib.sha256(ATTACHED).hexdigest()


def test_a_text_attachment_keeps_its_line_ends() -> None:
    head = "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt"
    values = ask("mail", with_attachment(head, "one\r\ntwo"), "message/rfc822")["values"]
    assert values["attachment.001.sha256"] == hashlib.sha256(b"one\r\ntwo").hexdigest()


def test_a_part_that_is_no_plain_text_counts_as_attachment_without_a_name() -> None:
    values = ask("mail", with_attachment("Content-Type: text/calendar", "BEGIN:VCALENDAR"), "text/plain")[
        "values"
    ]
    assert (values["attachment.001.name"], values["attachment.001.type"]) == ("no name", "text/calendar")


def test_an_attached_message_is_one_attachment_with_the_bytes_it_came_with() -> None:
    inner = "Subject:  two  blanks\r\n\tand a tab\r\n\r\ninner"
    answer = ask("mail", with_attachment("Content-Type: message/rfc822", inner), "message/rfc822")
    assert answer["values"]["attachments"] == 1
    assert answer["values"]["attachment.001.sha256"] == hashlib.sha256(inner.encode()).hexdigest()
    assert "The digest of an attached message" in answer["message"]


def test_raw_bytes_in_a_header_are_shown() -> None:
    mail = b"From: a@example.org\r\nSubject: Gr\xfc\xdfe und Gr\xc3\xbc\xc3\x9fe\r\n\r\n"
    assert ask("mail", mail, "text/plain")["values"]["subject"] == "Grüße und Grüße"


def test_a_hostile_file_name_is_made_visible() -> None:
    head = 'Content-Type: image/png; name="invoice=?utf-8?q?=E2=80=AEgnp.exe?="'
    values = ask("mail", with_attachment(head, "x"), "message/rfc822")["values"]
    assert values["attachment.001.name"] == "invoice⟨U+202E⟩gnp.exe"


@pytest.mark.parametrize(
    ("date", "remark"),
    [
        ("Fri, 1 Mar 2024 10:00:00", "no time zone"),
        ("<HR>", "cannot be read"),
        ("Fri, 99 Foo 2024", "cannot be read"),
    ],
)
def test_a_date_that_is_no_moment_is_named(date: str, remark: str) -> None:
    answer = ask("mail", message("From: a@example.org", f"Date: {date}", "", "x"), "message/rfc822")
    assert "date.utc" not in answer["values"]
    assert answer["values"]["date"] == date
    assert remark in answer["message"]


def test_a_broken_structure_is_named() -> None:
    mail = message("From: a@example.org", "Content-Type: multipart/mixed; boundary=b", "", "no parts")
    assert "StartBoundaryNotFoundDefect" in ask("mail", mail, "message/rfc822")["message"]


def test_ten_thousand_parts_and_headers_end_at_the_limits() -> None:
    parts = [line for _ in range(10_000) for line in ("--b", "Content-Type: image/png", "", "x")]
    mail = message(
        "From: a@example.org",
        *[f"X-{number}: y" for number in range(1000)],
        "Content-Type: multipart/mixed; boundary=b",
        "",
        *parts,
        "--b--",
    )
    answer = ask("mail", mail, "message/rfc822")
    assert answer["values"]["attachments"] == 5000
    assert "more than 5000 parts" in answer["message"]
    assert "4700 further attachments are not shown." in answer["message"]
    assert "602 further headers are not shown." in answer["message"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"Dear Sir,\nplease note: yes",
        b"Note: remember\nBuy: milk\n\nx",
        b"\xff\xfeS",
        b"key: value\n" * 80,
    ],
)
def test_other_text_is_not_applicable(data: bytes) -> None:
    assert not begins_like_mail(data)
    assert ask("mail", data, "text/plain")["outcome"] == Outcome.NOT_APPLICABLE


def test_a_mailbox_is_read_as_its_first_message_and_says_so() -> None:
    mail = b"From a@example.org Fri Mar  1 10:00:00 2024\nSubject: one\n\nx\n"
    answer = ask("mail", mail, "application/mbox")
    assert answer["values"]["subject"] == "one"
    assert "only its first message" in answer["message"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?unknown?q?a=E9?=", "aé"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("=?utf-8?q?=FF?=", "ÿ"),
        ("plain =? not encoded", "plain =? not encoded"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
    ],
)
def test_an_encoded_word_that_is_wrong_is_still_shown(written: str, read: str) -> None:
    assert decoded(written) == read
