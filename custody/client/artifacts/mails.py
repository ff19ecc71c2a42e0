"""Three e-mails: a plain one, a quoted-printable one with an encoded subject, one with an attachment.

Written header by header through the standard library's message classes; dates, identifiers and boundaries
are set here, so the same story gives the same bytes. Relay addresses come from the blocks reserved for
documentation.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from . import story

_OFFICE = Address(story.AGENCY, addr_spec=story.MANAGER_MAIL)


def _address(person: story.Person) -> Address:
    return Address(person.name, addr_spec=person.mail)


def _message(number: int, minute: int, sender: Address, recipients: list[Address]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    date = format_datetime(story.moment(minute))
    message["Received"] = (
        f"from relay{number}.example.org (relay{number}.example.org [203.0.113.{10 + number}])"
        f" by mx.example.org with ESMTPS id D{number:05d}; {date}"
    )
    message["Date"] = date
    message["From"] = sender
    message["To"] = recipients
    message["Message-ID"] = f"<20260302.{number:04d}@example.org>"
    return message


def _invitation() -> bytes:
    message = _message(1, 2, _OFFICE, [_address(story.NGAN), _address(story.RIMA)])
    message["Subject"] = "Your place at the hotel"
    message.set_content(
        "Hello,\n\n"
        "your place is confirmed. Travel is advanced by us and paid back from the wages.\n"
        "Bring your passport to the office on the first day; we keep it safe for you.\n\n"
        f"Questions: {story.MANAGER_PHONE}, ask for {story.MANAGER}.\n"
    )
    return message.as_bytes()


def _request() -> bytes:
    """Subject and names are outside ASCII: headers become RFC 2047 words, the body quoted-printable."""
    message = _message(2, 4335, _address(story.ZOFIE), [_OFFICE])
    message["Subject"] = "Žádost o vrácení pasu – Žofie Hvězdlová"
    message.set_content(
        "Dobrý den,\n\n"
        "žádám o vrácení svého pasu č. XX4170021 a o výplatní pásku za únor.\n"
        "I ask for my passport and for the pay slip of February. The same is asked by my colleagues\n"
        f"{story.MYROSLAVA.latin}, {story.RIMA.latin} and {story.NGAN.latin}.\n\n"
        f"Žofie Hvězdlová, nar. 17. 4. 2001\ntel. {story.ZOFIE.phone}\n",
        cte="quoted-printable",
    )
    return message.as_bytes()


def _answer(table: bytes) -> bytes:
    message = _message(3, 4420, _OFFICE, [_address(story.ZOFIE)])
    message["In-Reply-To"] = "<20260302.0002@example.org>"
    message["Cc"] = [_address(story.MYROSLAVA)]
    message["Subject"] = "Re: Žádost o vrácení pasu – Žofie Hvězdlová"
    message.set_content(
        "Žofie,\n\nthe balance of everybody is in the table. Until it is zero the documents stay with us.\n"
        f"Do not bring {story.RIMA.alias} and the others into this.\n\n{story.MANAGER}\n",
        cte="quoted-printable",
    )
    message.add_attachment(
        table,
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename="balance-Hvězdlová.xlsx",
    )
    message.set_boundary("=_balance_0003")
    return message.as_bytes()


def mails(*, table: bytes) -> dict[str, bytes]:
    """Give the three e-mails by file name; `table` is attached to the last."""
    return {"mail-001.eml": _invitation(), "mail-002.eml": _request(), "mail-003.eml": _answer(table)}
