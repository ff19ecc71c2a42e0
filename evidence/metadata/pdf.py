"""Read what a PDF shows without unpacking anything: version, revisions, encryption, properties, page objects.

Loaded only inside the sandbox. It searches the plain bytes and follows no cross-reference table, so what lies
in compressed objects is not seen; the answer says so. It renders nothing and verifies no signature.
"""

import codecs
import re
from typing import Any, BinaryIO

from evidence.metadata.table import Table, failed, not_applicable

codecs.lookup("utf_16_be")

# The header may stand behind some bytes of another kind (ISO 32000-1, annex H, note 13).
HEADER_WITHIN = 1024
HEADER = re.compile(rb"%PDF-(\d\.\d)")
INFO = re.compile(rb"/Info\s{1,8}(\d{1,10})\s{1,8}(\d{1,5})\s{1,8}R")
PAGE = re.compile(rb"/Type\s{0,8}/Page[^s\w]")
COMPRESSED = re.compile(rb"/Type\s{0,8}/ObjStm\b")
PROPERTY = re.compile(
    rb"/(Title|Author|Subject|Keywords|Creator|Producer|CreationDate|ModDate|Trapped)\s{0,8}([(<])"
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
# A properties object of more than this is no properties object.
MAX_OBJECT = 64 * 1024
NOTABLE = {
    b"/JavaScript": "JavaScript",
    b"/EmbeddedFile": "embedded files",
    b"/AcroForm": "a form",
    b"/ByteRange": "a signature",
    b"/Launch": "an action that starts a program",
    b"/RichMedia": "media",
}


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with the table, or say that the file is no PDF."""
    data = file.read()
    header = HEADER.search(data[: HEADER_WITHIN + 8])
    if header is None:
        if arguments["content_type"] == "application/pdf":
            return failed("The file has no PDF header in its first 1024 bytes.")
        return not_applicable("The file is not a PDF.")
    table = Table()
    table.put("version", header.group(1).decode("ascii"))
    if header.start():
        table.remark(f"{header.start()} bytes stand before the PDF header.")
    revisions = data.count(b"%%EOF")
    table.put("end_marks", revisions)
    encrypted = b"/Encrypt" in data
    table.put("encrypted", "yes" if encrypted else "no mark of it in the plain bytes")
    compressed = COMPRESSED.search(data) is not None
    if compressed:
        table.remark("Part of the document lies in compressed objects, which are not read here.")
    if revisions > 1:
        table.remark(
            "The file has several end marks: it was changed after it was first saved, or is linearized."
        )
    else:
        _pages(data, table, compressed=compressed)
    for sign, what in NOTABLE.items():
        if sign in data:
            table.remark(f"The document holds {what}.")
    if encrypted:
        table.remark("The properties are encrypted and were not read.")
    else:
        _properties(data, table)
    return table.answer(empty="")


def _pages(data: bytes, table: Table, *, compressed: bool) -> None:
    """Count page objects only where none can hide in a compressed object or an earlier revision."""
    if not compressed:
        table.put("page_objects", sum(1 for _ in PAGE.finditer(data)))


def _properties(data: bytes, table: Table) -> None:
    """The last properties object that a trailer names."""
    references = INFO.findall(data)
    if not references:
        table.remark("No document properties stand in the plain bytes.")
        return
    number, generation = references[-1]
    start = max(data.rfind(mark + number + b" " + generation + b" obj") for mark in (b"\n", b"\r", b" "))
    if start < 0:
        table.remark("The document properties lie in a compressed object and were not read.")
        return
    end = data.find(b"endobj", start, start + MAX_OBJECT)
    body = data[start : end if end >= 0 else start + MAX_OBJECT]
    position = 0
    while match := PROPERTY.search(body, position):
        raw, position = _string(body, match.end(), literal=match.group(2) == b"(")
        table.put(f"info.{match.group(1).decode('ascii')}", _text(raw))


def _string(body: bytes, start: int, *, literal: bool) -> tuple[bytes, int]:
    """The bytes of a literal or hexadecimal string (ISO 32000-1, 7.3.4) and where it ends."""
    if not literal:
        end = body.find(b">", start)
        end = len(body) if end < 0 else end
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", body[start:end])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")), end
    out, depth, place = bytearray(), 1, start
    while place < len(body):
        char = body[place : place + 1]
        if char == b"\\":
            piece, place = _escape(body, place + 1)
            out += piece
            continue
        depth += (char == b"(") - (char == b")")
        if depth == 0:
            break
        out += char
        place += 1
    return bytes(out), place


def _escape(body: bytes, place: int) -> tuple[bytes, int]:
    """The bytes that a backslash stands for, and the place behind it."""
    octal = re.compile(rb"[0-7]{1,3}").match(body, place)
    if octal:
        return bytes([int(octal.group(), 8) & 255]), octal.end()
    char = body[place : place + 1]
    if char in (b"\n", b"\r"):
        return b"", place + (2 if body[place : place + 2] == b"\r\n" else 1)
    return ESCAPES.get(char, char), place + 1


def _text(raw: bytes) -> str:
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    return raw.decode("latin-1")
