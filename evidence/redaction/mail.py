"""Redact one e-mail (.eml): a new message with the headers people read, text parts redacted, all else withheld.

Written as UTF-8 without transfer encodings, so that the copy can be searched as it lies there. Attached messages are
redacted inside; attachments that are text are redacted; for any other a notice stands in its place. Signatures and
technical headers do not survive. Mailboxes of several messages and Outlook files are not read here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser

from evidence.redaction.encoded_words import decode_words
from evidence.redaction.encoding import decode_as
from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.json_text import redact_json
from evidence.redaction.markup import redact_markup
from evidence.redaction.mask import mask
from evidence.redaction.registry import Remark, UnsupportedError
from evidence.redaction.table import redact_table

MAX_PARTS = 2_000
MAX_DEPTH = 20
# Long enough for any list of recipients that a person reads.
MAX_HEADER = 100_000
MAX_NAME = 300
_CONTROL = re.compile("[\0-\x1f\x7f\x85\u2028\u2029]+")
_BROKEN_PARAMETER = (ValueError, LookupError, TypeError, AttributeError)
# What a reader needs; the rest names servers, programs and addresses of machines.
_HEADERS = (
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Subject", "Message-ID", "In-Reply-To", "References",
)  # fmt: skip
# Attachments without a type of their own are read by the ending of their name.
_ENDINGS = {".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv", ".json": "application/json"}
_NOT_MAIL = "The file is not an e-mail: it has no sender, recipient, date or subject."


@dataclass(frozen=True)
class _Part:
    """A finished part: its header lines and its body."""

    headers: list[str]
    body: str

    def text(self) -> str:
        """Return the part as it stands in a message."""
        return "\n".join([*self.headers, "", self.body])


def redact_mail(data: bytes, finder: Finder, findings: Findings) -> bytes:
    """Return a redacted message. Raises UnsupportedError where data is no e-mail."""
    message = BytesParser(policy=policy.compat32).parsebytes(data)
    if not any(message.get(name) is not None for name in _HEADERS):
        raise UnsupportedError(_NOT_MAIL)
    writer = _Writer(finder, findings)
    return writer.message(message, "", 0).text().encode("utf-8", "replace")


class _Writer:
    """Walks the parts of a message; counts them, so that a hostile one ends."""

    def __init__(self, finder: Finder, findings: Findings) -> None:
        self._finder = finder
        self._findings = findings
        self._parts = 0

    def message(self, message: Message, path: str, depth: int) -> _Part:
        """Redact a whole message with its headers."""
        headers = [line for name in _HEADERS for line in self._header(message, name, path)]
        if any(name.title() not in _KNOWN for name, _ in message.raw_items()):
            self._findings.remark(Remark.HEADERS_WITHHELD)
        body = self._part(message, path or "1", depth)
        return _Part([*headers, "MIME-Version: 1.0", *body.headers], body.body)

    def _header(self, message: Message, name: str, path: str) -> Iterator[str]:
        for written, value in message.raw_items():
            if written.lower() == name.lower():
                text = decode_words(_unfolded(str(value)))
                yield f"{name}: {self._words(text, path + ' header ' + name.lower())}"

    def _words(self, text: str, part: str) -> str:
        if len(text) > MAX_HEADER:
            raise UnsupportedError("A header of the message is too long to be examined.")
        return _CONTROL.sub(" ", mask(text, self._finder, self._findings, part=part.strip()))

    def _part(self, part: Message, path: str, depth: int) -> _Part:
        self._parts += 1
        if self._parts > MAX_PARTS or depth > MAX_DEPTH:
            raise UnsupportedError("The message has too many parts, or parts nested too deeply.")
        kind = _kind(part)
        children = part.get_payload() if part.is_multipart() else None
        if kind == "message/rfc822" and isinstance(children, list) and len(children) == 1:
            inner = self.message(_message(children[0]), path + ".1", depth + 1)
            return _Part(["Content-Type: message/rfc822", *self._disposition(part, path)], inner.text())
        if isinstance(children, list) and part.get_content_maintype() == "multipart":
            return self._multipart(part.get_content_subtype(), children, path, depth)
        if kind.startswith("text/") or kind == "application/json":
            return self._text(part, kind, path)
        # A multipart without boundaries is read by the standard's rule for broken mail: as text.
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), str):
            return self._text(part, "text/plain", path)
        return self._withheld(part, path)

    def _multipart(self, subtype: str, children: list[Message | str], path: str, depth: int) -> _Part:
        parts = [
            self._part(_message(child), f"{path}.{place}", depth + 1).text()
            for place, child in enumerate(children, 1)
        ]
        boundary = _boundary(path, parts)
        body = "".join(f"--{boundary}\n{text}\n" for text in parts) + f"--{boundary}--\n"
        kind = subtype if subtype in ("alternative", "related") else "mixed"
        return _Part([f'Content-Type: multipart/{kind}; boundary="{boundary}"'], body)

    def _text(self, part: Message, kind: str, path: str) -> _Part:
        try:
            text = decode_as(_content(part), _charset(part), self._findings, self._finder)
            subtype, body = self._redacted(text.replace("\r\n", "\n"), kind, path)
        except UnsupportedError:
            self._findings.remark(Remark.PARTS_WITHHELD)
            return self._notice(
                part, path, "A part of the message could not be read as text and was withheld."
            )
        headers = [f"Content-Type: {subtype}; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
        return _Part([*headers, *self._disposition(part, path)], body)

    def _redacted(self, text: str, kind: str, path: str) -> tuple[str, str]:
        label = f"part {path}"
        if kind == "text/html":
            return kind, redact_markup(text, self._finder, self._findings, part=label)
        if kind in ("text/csv", "text/tab-separated-values"):
            return kind, redact_table(text, self._finder, self._findings)
        if kind in ("application/json", "text/json"):
            return "application/json", redact_json(text, self._finder, self._findings)
        return "text/plain", mask(text, self._finder, self._findings, part=label)

    def _withheld(self, part: Message, path: str) -> _Part:
        self._findings.remark(Remark.ATTACHMENTS_WITHHELD)
        size = len(_content(part))
        kind = part.get_content_maintype()
        named = (
            kind
            if kind in ("image", "audio", "video", "application", "message", "model", "font")
            else "unknown"
        )
        return self._notice(
            part, path, f"An attachment of type {named} ({size} bytes) was withheld; not examined."
        )

    def _notice(self, part: Message, path: str, sentence: str) -> _Part:
        name = self._filename(part, path)
        lines = [f"[{sentence}]", *([f"[Its name: {name}]"] if name else []), ""]
        return _Part(
            ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"], "\n".join(lines)
        )

    def _disposition(self, part: Message, path: str) -> list[str]:
        name = self._filename(part, path)
        kind = "attachment" if name or part.get_content_disposition() == "attachment" else "inline"
        if not name and kind == "inline":
            return []
        return [f'Content-Disposition: {kind}; filename="{name}"' if name else f"Content-Disposition: {kind}"]

    def _filename(self, part: Message, path: str) -> str:
        name = _name(part)
        if name is None:
            self._findings.remark(Remark.HEADERS_WITHHELD)
        masked = self._words(name or "", f"part {path} file name")
        return re.sub(r'["\\]', "_", masked).strip()


_KNOWN = {name.title() for name in _HEADERS} | {
    "Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
}  # fmt: skip


def _unfolded(value: str) -> str:
    """One line; bytes above ASCII come as surrogates and are UTF-8 or Western text."""
    text = re.sub(r"\r?\n(?=[ \t])", "", value).replace("\r", " ").replace("\n", " ").strip()
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _message(child: Message | str) -> Message:
    """The parser gives messages; text in their place is a part without headers."""
    if isinstance(child, Message):
        return child
    part = Message()
    part.set_payload(child)
    return part


def _kind(part: Message) -> str:
    kind = part.get_content_type()
    name = (_name(part) or "").lower() if kind == "application/octet-stream" else ""
    return next((known for ending, known in _ENDINGS.items() if name.endswith(ending)), kind)


def _name(part: Message) -> str | None:
    """The file name of an attachment, or None where the standard library stops on a broken parameter."""
    try:
        return decode_words(_unfolded(str(part.get_filename() or "")))[:MAX_NAME]
    except _BROKEN_PARAMETER:
        return None


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "utf-8")
    except _BROKEN_PARAMETER:
        return "utf-8"


def _content(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"".join(child.as_bytes() for child in payload if isinstance(child, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _boundary(path: str, parts: list[str]) -> str:
    """The same for the same message, and in none of its parts."""
    number = 0
    while True:
        boundary = f"unbroken-part-{path}-{number}"
        if not any(f"--{boundary}" in text for text in parts):
            return boundary
        number += 1
