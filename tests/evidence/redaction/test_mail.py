"""E-mail: every place of a message that can name a person, and what is withheld."""

import base64
import email
import quopri
from email import policy
from email.message import EmailMessage, Message

import pytest

from evidence.redaction.leak_check import check
from evidence.redaction.redact import redact
from evidence.redaction.registry import Redacted, Remark, UnsupportedError
from tests.evidence.redaction.people import five_victims

REGISTRY = five_victims()
JPEG = b"\xff\xd8\xff\xe0" + b"picture of Maria" * 20


def _copy(data: bytes) -> Redacted:
    redacted = redact(data, "message/rfc822", REGISTRY)
    report = check(redacted.data, redacted.content_type, REGISTRY)
    assert report.passed, (report.findings, redacted.data)
    return redacted


def _message(headers: str, body: bytes) -> bytes:
    return headers.encode("utf-8").replace(b"\n", b"\r\n") + b"\r\n" + body


def _parsed(redacted: Redacted) -> Message:
    return email.message_from_bytes(redacted.data, policy=policy.default)


def test_encoded_headers_are_decoded_redacted_and_written_plainly() -> None:
    mail = _message(
        "From: =?utf-8?Q?Mar=C3=ADa_Gonz=C3=A1lez?= <maria.gonzalez@correo.example>\n"
        "To: =?iso-8859-1?Q?J=FCrgen?= <boss@x.example>, =?utf-8?B?0JDQvdC90LA=?=\n"
        "Subject: =?utf-8?B?TWFyw60=?=\n =?utf-8?B?YSBrb21tdA==?= morgen\nDate: Sat, 14 Mar 2020 10:00:00 +0100\n",
        b"hello",
    )
    redacted = _copy(mail)
    parsed = _parsed(redacted)
    assert b"From: Victim 1 <Victim 1>\n" in redacted.data
    assert "Victim 2 <boss@x.example>" in parsed["To"]
    assert parsed["Subject"] == "Victim 1 kommt morgen"
    assert "14 Mar 2020" in parsed["Date"]


def test_technical_headers_are_withheld_and_remarked() -> None:
    mail = _message(
        "From: a@b.example\nReceived: from maria-pc\nX-Originating-IP: 1.2.3.4\nMessage-ID: <1.maria@x.example>\n",
        b"",
    )
    redacted = _copy(mail)
    assert b"Received" not in redacted.data
    assert b"1.2.3.4" not in redacted.data
    assert b"Message-ID: <1.Victim 1@x.example>" in redacted.data
    assert Remark.HEADERS_WITHHELD in redacted.remarks


@pytest.mark.parametrize(
    ("charset", "transfer"),
    [
        *((charset, "8bit") for charset in ("utf-8", "iso-8859-1", "windows-1252")),
        *(
            (charset, how)
            for charset in ("utf-8", "iso-8859-1", "utf-16")
            for how in ("base64", "quoted-printable")
        ),
    ],
)
def test_bodies_in_every_charset_and_transfer_encoding_are_read(charset: str, transfer: str) -> None:
    body = "Señora María González, tel. 612 345 678\n".encode(charset)
    written = {
        "base64": base64.encodebytes(body),
        "quoted-printable": quopri.encodestring(body),
        "8bit": body,
    }[transfer]
    headers = f"From: x@y.example\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {transfer}\n"
    redacted = _copy(_message(headers, written))
    assert "Señora Victim 1, tel. Victim 1" in redacted.data.decode("utf-8")


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "iso-8859-5"])
def test_a_declared_cyrillic_charset_is_read(charset: str) -> None:
    headers = (
        f"From: x@y.example\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n"
    )
    body = base64.encodebytes("Пишет Анна Сергеевна Иванова, привет".encode(charset))
    assert "Пишет Victim 3, привет" in _copy(_message(headers, body)).data.decode("utf-8")


def test_a_name_broken_by_a_soft_line_break_or_a_quoted_reply_is_found() -> None:
    headers = "From: x@y.example\nContent-Transfer-Encoding: quoted-printable\n"
    redacted = _copy(
        _message(
            headers,
            b"I met Mar=C3=AD=\r\na Gonz=\r\n=C3=A1lez today.\r\n> Mar=C3=ADa\r\n> Gonz=C3=A1lez wrote\r\n",
        )
    )
    text = redacted.data.decode()
    assert "I met Victim 1 today." in text
    assert "Gonz" not in text


def test_html_is_rebuilt_without_scripts_comments_pictures_and_attributes() -> None:
    body = (
        b"<html><head><title>Maria</title><style>.maria{}</style></head><body onload='maria()'>"
        b"<!-- Maria --><p style='x' title='Maria'>Hi <b>M</b>ar&iacute;a <i>Gonz&#225;</i>lez</p><script>maria()</script>"
        b"<img src='cid:maria' alt='Maria'><a href='http://x.example/?u=mar%C3%ADa&t=1'>link</a>"
        b"<a href='javascript:maria()'>no</a><div style='display:none'>hidden Anna</div><table><tr><td>Fatima"
    )
    redacted = _copy(_message("From: x@y.example\nContent-Type: text/html; charset=utf-8\n", body))
    text = redacted.data.decode()
    assert "<p>Hi <b>Victim 1</b>" in text
    assert '<a href="http://x.example/?u=Victim 1&amp;t=1">link</a>' in text
    assert "hidden Victim 3" in text
    assert "<td>Victim 4" in text
    assert not any(
        word in text.lower() for word in ("script", "onload", "style", "<!--", "cid:", "maria", "gonz")
    )
    assert Remark.MARKUP_REBUILT in redacted.remarks


def _multipart() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "Photos of María"
    message.set_content("María here\n")
    message.add_alternative("<p>Mar<b>ía</b> here</p>", subtype="html")
    message.add_attachment(b"name;phone\nAnna;1\n", maintype="text", subtype="csv", filename="anna.csv")
    message.add_attachment('{"María": 1}', subtype="json", filename="x.json")
    message.add_attachment(JPEG, maintype="image", subtype="jpeg", filename="Fotos de María González.jpg")
    message.add_attachment(b"%PDF-1.7 Maria", maintype="application", subtype="pdf", filename="王小明.pdf")
    message.add_attachment(b"Anna\n", maintype="application", subtype="octet-stream", filename="notes.txt")
    return message


def test_attachments_that_are_text_are_redacted_and_all_others_withheld_with_a_notice() -> None:
    redacted = _copy(_multipart().as_bytes())
    parts = [p for p in _parsed(redacted).walk() if not p.is_multipart()]
    kinds = [p.get_content_type() for p in parts]
    assert kinds == ["text/plain", "text/html", "text/csv", "application/json", *["text/plain"] * 3]
    assert parts[2].get_filename() == "Victim 3.csv"
    assert "name;phone\nVictim 3;1" in parts[2].get_payload()
    assert "Victim 1" in parts[3].get_payload()
    assert f"An attachment of type image ({len(JPEG)} bytes) was withheld" in parts[4].get_payload()
    assert "[Its name: Fotos de Victim 1.jpg]" in parts[4].get_payload()
    assert "[Its name: Victim 5.pdf]" in parts[5].get_payload()
    assert "Victim 3" in parts[6].get_payload()
    assert Remark.ATTACHMENTS_WITHHELD in redacted.remarks
    assert base64.b64encode(JPEG)[:40] not in redacted.data


def test_split_and_encoded_file_names_are_joined_and_redacted() -> None:
    mail = _message(
        "From: x@y.example\nContent-Type: text/plain\n"
        "Content-Disposition: attachment; filename*0*=utf-8''Mar%C3%ADa%20Go;\n filename*1*=nz%C3%A1; filename*2=\"lez.txt\"\n",
        b"x",
    )
    assert b'filename="Victim 1.txt"' in _copy(mail).data


def test_a_message_inside_a_message_is_redacted_inside() -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "x@y.example", "Fwd"
    outer.set_content("see below")
    outer.add_attachment(_multipart())
    redacted = _copy(outer.as_bytes())
    inner = [p for p in _parsed(redacted).walk() if p.get_content_type() == "message/rfc822"]
    assert inner[0].get_payload(0)["Subject"] == "Photos of Victim 1"
    assert b"Mar" not in redacted.data


def test_a_part_that_is_no_text_though_it_says_so_is_withheld() -> None:
    body = base64.encodebytes(bytes(range(256)) * 4)
    redacted = _copy(
        _message("From: x@y.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n", body)
    )
    assert b"could not be read as text and was withheld" in redacted.data
    assert Remark.PARTS_WITHHELD in redacted.remarks


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "zlib", "no-such-charset"]
)
def test_a_false_charset_does_not_carry_plain_names_into_the_copy(charset: str) -> None:
    body = b"Maria Gonzalez was here, Maria Jose Gonzalez Perez. "
    redacted = _copy(_message(f"From: x@y.example\nContent-Type: text/plain; charset={charset}\n", body))
    text = redacted.data.decode()
    assert "Victim 1" in text or "was withheld" in text
    assert not any(
        "Gonzalez" in text.encode(e, "replace").decode("latin-1") for e in ("utf-16-le", "utf-16-be")
    )


def test_the_same_message_gives_the_same_bytes() -> None:
    mail = _multipart().as_bytes()
    assert (
        redact(mail, "message/rfc822", REGISTRY).data == redact(mail, "message/rfc822", REGISTRY[::-1]).data
    )


def test_a_body_that_imitates_the_copys_own_borders_does_not_break_it() -> None:
    message = EmailMessage()
    message["From"] = "x@y.example"
    message.set_content("--unbroken-part-1-0\nContent-Type: image/jpeg\n\nAnna\n--unbroken-part-1-0--\n")
    message.add_attachment(JPEG, maintype="image", subtype="jpeg")
    parsed = _parsed(_copy(message.as_bytes()))
    assert len(parsed.get_payload()) == 2


@pytest.mark.parametrize("data", [b"just a text about Maria", b"\x00\x01\x02", b"X-Nothing: 1\n\nhello"])
def test_what_is_no_mail_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnsupportedError, match="not an e-mail"):
        redact(data, "message/rfc822", REGISTRY)


def test_a_message_of_too_many_parts_is_refused_in_words() -> None:
    body = b"".join(b"--b\r\n\r\nx\r\n" for _ in range(3000)) + b"--b--\r\n"
    mail = _message('From: x@y.example\nContent-Type: multipart/mixed; boundary="b"\n', body)
    with pytest.raises(UnsupportedError, match="too many parts"):
        redact(mail, "message/rfc822", REGISTRY)
