"""Read an e-mail: every header in its order, every attachment with name, type, size and digest.

Loaded only inside the sandbox. It uses the standard library's parser, keeps headers as they were written
(decoded for reading), does not check signatures, and does not look into attachments; what a sender wrote may
be false.
"""

import base64
import binascii
import codecs
import email.errors
import email.generator
import email.header
import email.iterators
import hashlib
import quopri
import re
from datetime import UTC
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from evidence.metadata.table import Table, not_applicable

# The codecs of the alphabets in which mail is written: nothing can be loaded once the sandbox is closed.
# fmt: off
CHARSETS = (
    "ascii", "utf_8", "utf_8_sig", "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "latin_1",
    "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_9",
    "iso8859_10", "iso8859_11", "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16", "cp437", "cp850",
    "cp852", "cp866", "cp874", "cp932", "cp936", "cp949", "cp950", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8_r", "koi8_u", "koi8_t", "gb2312", "gbk",
    "gb18030", "hz", "big5", "big5hkscs", "euc_jp", "shift_jis", "iso2022_jp", "iso2022_jp_1",
    "iso2022_jp_2", "iso2022_kr", "euc_kr", "johab", "tis_620", "mac_roman", "mac_cyrillic", "ptcp154",
    "idna", "punycode", "raw_unicode_escape",
)
# fmt: on
for _name in CHARSETS:
    codecs.lookup(_name)
# The parser of the standard library loads these only when a message needs them.
LOADED = (base64, binascii, email.generator, email.header, email.iterators, quopri)

HEAD = 16 * 1024
# A file begins like mail when one of these is among its first lines and every line up to it is a header.
KNOWN_HEADERS = (
    b"from received return-path delivered-to to subject date message-id mime-version content-type "
    b"x-mozilla-status reply-to sender cc bcc in-reply-to"
).split()
HEADER_LINE = re.compile(rb"^([!-9;-~]{1,76})[ \t]*:")
BODIES = ("text/plain", "text/html")
MAX_HEADERS = 400
MAX_ATTACHMENTS = 300
MAX_PARTS = 5000


class AsWritten(Compat32):
    """Keep headers byte for byte, so that an attached message is written out as it came.

    Read, a header is text; bytes above 127, which mail may not hold, are taken as UTF-8 or Latin-1.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = sourcelines[0].split(":", 1)
        return name, (value + "".join(sourcelines[1:])).rstrip("\r\n")

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}:{value}{self.linesep}".encode("ascii", "surrogateescape")

    def header_fetch_parse(self, name: str, value: str) -> str:
        # A line break before white space only folds the line (RFC 5322, 2.2.3), also inside a boundary.
        value = re.sub(r"\r?\n(?=[ \t])", "", value).lstrip(" \t")
        text = value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        # Each byte that is no UTF-8 comes as U+DC80 and more; without it, it is the Latin-1 character.
        return re.sub("[\udc80-\udcff]", lambda found: chr(ord(found.group()) - 0xDC00), text)


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with the headers and attachments of one message."""
    head = file.read(HEAD)
    if not begins_like_mail(head):
        return not_applicable("The file does not begin with the headers of an e-mail.")
    linesep = "\r\n" if b"\r\n" in head else "\n"
    # Fed in pieces: the parser's own reading of files turns CRLF into LF, which changes digests.
    parser = BytesFeedParser(policy=AsWritten(linesep=linesep, mangle_from_=False))
    parser.feed(head)
    while chunk := file.read(HEAD):
        parser.feed(chunk)
    message: Message = parser.close()
    table = Table()
    if head.startswith(b"From "):
        table.remark("The file begins like a mailbox; only its first message is read as headers.")
    _summary(message, table)
    _parts(message, table)
    _headers(message, table)
    return table.answer(empty="The message has no headers.")


def begins_like_mail(head: bytes) -> bool:
    """Whether the first lines are headers and one of them is a known one."""
    for place, line in enumerate(head.splitlines()[:60]):
        if place == 0 and line.startswith((b"From ", b">From ")):
            continue
        if place > 0 and line[:1] in (b" ", b"\t"):
            continue
        match = HEADER_LINE.match(line)
        if match is None:
            return False
        if match.group(1).lower() in KNOWN_HEADERS:
            return True
    return False


def _summary(message: Message, table: Table) -> None:
    for name in ("From", "Sender", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID"):
        value = message.get(name)
        if value is not None:
            table.put(name.lower(), decoded(value))
    written = message.get("Date")
    if written is None:
        return
    try:
        moment = parsedate_to_datetime(str(written))
        if moment.tzinfo is None:
            table.remark("The date names no time zone.")
        else:
            table.put("date.utc", moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    except (ValueError, TypeError, OverflowError, IndexError):
        table.remark("The date cannot be read.")


def _headers(message: Message, table: Table) -> None:
    """All headers of the outer message, top first: the Received lines read from the newest to the oldest."""
    items = message.items()
    for place, (name, value) in enumerate(items[:MAX_HEADERS], 1):
        table.put(f"header.{place:03}.{name}", decoded(value))
    if len(items) > MAX_HEADERS:
        table.remark(f"{len(items) - MAX_HEADERS} further headers are not shown.")


def _parts(message: Message, table: Table) -> None:
    count, attachments, defects = 0, 0, list(message.defects)
    for part in _walk(message):
        count += 1
        if part is not message:
            defects += part.defects
        if not _is_attachment(part):
            continue
        attachments += 1
        if attachments <= MAX_ATTACHMENTS:
            _attachment(part, f"attachment.{attachments:03}", table)
    table.put("parts", count)
    table.put("attachments", attachments)
    if count >= MAX_PARTS:
        table.remark(f"The message has more than {MAX_PARTS} parts; the rest is not read.")
    if attachments > MAX_ATTACHMENTS:
        table.remark(f"{attachments - MAX_ATTACHMENTS} further attachments are not shown.")
    for name in dict.fromkeys(type(defect).__name__ for defect in defects):
        table.remark(f"The message breaks the format: {name}.")


def _walk(message: Message) -> list[Message]:
    """All leaves and attached messages, without going into the latter: they are evidence of their own."""
    found: list[Message] = []
    waiting: list[Message] = [message]
    while waiting and len(found) < MAX_PARTS:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]
        else:
            found.append(part)
    return found


def _is_attachment(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename() is not None:
        return True
    return part.get_content_type() not in BODIES and part.get_content_maintype() != "multipart"


def _attachment(part: Message, name: str, table: Table) -> None:
    payload = part.get_payload()
    if isinstance(payload, list):
        data = b"".join(_attached_message(part, child) for child in payload if isinstance(child, Message))
        table.remark("The digest of an attached message is that of the message as the reader writes it out.")
    else:
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
    table.put(f"{name}.name", decoded(part.get_filename() or "") or "no name")
    table.put(f"{name}.type", part.get_content_type())
    table.put(f"{name}.size", len(data))
    table.put(f"{name}.sha256", hashlib.sha256(data).hexdigest())


def _attached_message(part: Message, child: Message) -> bytes:
    """The attached message without the encoding around it, where there is one against the rules."""
    data = child.as_bytes(unixfrom=child.get_unixfrom() is not None)
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return base64.b64decode(data)
        return quopri.decodestring(data) if encoding == "quoted-printable" else data
    except binascii.Error:
        return data


def decoded(value: str) -> str:
    """A header as a person reads it: one line, encoded words decoded, unknown alphabets shown as they lie."""
    text = value.replace("\t", " ").strip()
    if "=?" not in text:
        return text
    try:
        pieces = email.header.decode_header(text)
    except (ValueError, email.errors.HeaderParseError):
        return text
    return "".join(_piece(data, charset) for data, charset in pieces) or text


def _piece(data: bytes | str, charset: str | None) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return data.decode("latin-1")
