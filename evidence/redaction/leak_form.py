"""Check the form of a finished text copy: it must be exactly of the kind that the redactor writes.

What is not of that form might hide what a search does not see: other encodings, headers, types or transfer encodings,
active markup. Finds reasons to refuse; finds no names (leak_search.py).
"""

import json
import re
from collections.abc import Iterator

_TYPES = ("text/plain", "text/html", "text/csv", "text/tab-separated-values", "application/json")
_MULTIPART = re.compile(r'multipart/(?:mixed|alternative|related); boundary="([A-Za-z0-9.-]{1,70})"')
_MESSAGE_HEADERS = frozenset({
    "from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject", "message-id", "in-reply-to",
    "references", "mime-version",
})  # fmt: skip
_PART_HEADERS = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
_HEADER = re.compile(r"([A-Za-z-]{1,40}): ?(.*)")
_DISPOSITION = re.compile(r'(?:attachment|inline)(?:; filename="[^"\\]*")?')
_TAG = re.compile(r"<([^>]*)(>?)")
_PLAIN_TAG = re.compile(
    r"/?(?:b|blockquote|body|br|dd|div|dl|dt|em|h[1-6]|head|hr|html|i|li|ol|p|pre|s|small|span|strong|sub|sup|table|"
    r'tbody|td|th|thead|tr|u|ul|a)|!DOCTYPE html|meta charset="utf-8"|a href="(?:https?://|mailto:|tel:)[^"<>]*"',
    re.IGNORECASE,
)
_MAX_DEPTH = 25
_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# The redactor lets through what old terminals leave in a log.
_MAX_CONTROL = 0.01


def faults_of_text(data: bytes) -> Iterator[str]:
    """Yield what is wrong with a copy as text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "not_utf8"
        return
    if text.startswith("\ufeff") or len(_CONTROL.findall(text)) > _MAX_CONTROL * len(text):
        yield "not_plain_text"


def faults_of_json(text: str) -> Iterator[str]:
    """Yield what is wrong with a copy as JSON, whole or line by line."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
        return
    except ValueError:
        pass
    try:
        for line in filter(str.strip, text.split("\n")):
            json.loads(line, parse_int=str, parse_float=str)
    except ValueError:
        yield "not_json"


def faults_of_mail(text: str, depth: int = 0) -> Iterator[str]:
    """Yield what is wrong with a copy as a message, or with one of its parts."""
    if depth > _MAX_DEPTH:
        yield "mail_too_deep"
        return
    head, found, body = text.partition("\n\n")
    headers: dict[str, str] = {}
    for line in head.split("\n"):
        match = _HEADER.fullmatch(line)
        name = match[1].lower() if match else ""
        if match is None or name not in _MESSAGE_HEADERS | _PART_HEADERS:
            yield "mail_header_not_allowed"
        else:
            headers[name] = match[2]
    if not found:
        yield "mail_without_body"
    yield from _part_faults(headers, body, depth)


def _part_faults(headers: dict[str, str], body: str, depth: int) -> Iterator[str]:
    if headers.get("content-transfer-encoding", "8bit") != "8bit":
        yield "mail_transfer_encoding"
    if not _DISPOSITION.fullmatch(headers.get("content-disposition", "inline")):
        yield "mail_disposition"
    kind = headers.get("content-type", "")
    boundary = _MULTIPART.fullmatch(kind)
    if boundary:
        yield from _multipart_faults(body, boundary[1], depth)
    elif kind == "message/rfc822":
        yield from faults_of_mail(body, depth + 1)
    elif kind not in {f"{name}; charset=utf-8" for name in _TYPES}:
        yield "mail_type_not_allowed"
    elif kind.startswith("text/html"):
        yield from _markup_faults(body)


def _multipart_faults(body: str, boundary: str, depth: int) -> Iterator[str]:
    before, *parts = f"\n{body}".split(f"\n--{boundary}")
    if before.strip() or not parts or parts[-1].strip() != "--":
        yield "mail_boundary"
        return
    for part in parts[:-1]:
        if not part.startswith("\n"):
            yield "mail_boundary"
        else:
            yield from faults_of_mail(part[1:], depth + 1)


def _markup_faults(body: str) -> Iterator[str]:
    for match in _TAG.finditer(body):
        if not match[2] or not _PLAIN_TAG.fullmatch(match[1]):
            yield "markup_not_allowed"
            return
