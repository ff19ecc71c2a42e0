"""Read the objects of a PDF that matter for a proof: dictionaries, and the streams that follow them.

This is a scan of the whole file, not a PDF reader: the cross-reference table is not used, so an object counts
wherever it stands, replaced ones too. A dictionary with a key twice is refused. Does not know bundles
(pdf.py) or signatures (seal.py), and renders nothing.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .errors import MalformedError

# The largest dictionary is that of a signature, which holds it twice its size in hexadecimal digits.
MAX_DICTIONARY = 256 * 1024
MAX_NESTING = 20
# 200,000 objects are a report of some 20,000 pages.
MAX_OBJECTS = 200_000

_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10})[ \t\r\n\f\0]+([0-9]{1,5})[ \t\r\n\f\0]+obj(?![A-Za-z0-9])")
# Only objects with one of these near their beginning are read; pages and structure elements are passed over.
_INTERESTING = re.compile(rb"stream|Filespec|/EF|/ObjStm|#")
_END = re.compile(rb"endobj")
_WINDOW = 8 * 1024
_SPACE = b" \t\r\n\f\0"
_DELIMITERS = b"()<>[]{}/%"
_NUMBER = re.compile(rb"[+-]?[0-9]{1,18}")
_REFERENCE = re.compile(rb"([0-9]{1,10})[ \t\r\n\f\0]+([0-9]{1,5})[ \t\r\n\f\0]+R(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Name:
    text: bytes


@dataclass(frozen=True)
class Reference:
    number: int
    generation: int


# Words that are neither numbers nor references (true, null, reals) are kept as they stand.
Value: TypeAlias = "Name | Reference | bytes | int | Word | Sequence[Value] | Mapping[bytes, Value]"


@dataclass(frozen=True)
class Word:
    text: bytes


@dataclass(frozen=True)
class PdfObject:
    """An object that is a dictionary; `body` is where its stream begins, if it has one."""

    reference: Reference
    dictionary: Mapping[bytes, Value]
    body: int | None

    def is_type(self, name: bytes) -> bool:
        return self.dictionary.get(b"Type") == Name(name)


def objects(pdf: bytes) -> Iterator[PdfObject]:
    """Give every object that may be, hold or name an embedded file. Raises MalformedError."""
    for count, header in enumerate(_HEADER.finditer(pdf)):
        if count == MAX_OBJECTS:
            raise MalformedError(f"The PDF has more than {MAX_OBJECTS} objects.")
        start = _Scanner(pdf, header.end()).skip_space()
        end = _END.search(pdf, start, start + _WINDOW)
        window = end.start() if end else start + _WINDOW
        if pdf[start : start + 2] != b"<<" or not _INTERESTING.search(pdf, start, window):
            continue
        scanner = _Scanner(pdf, start)
        dictionary = scanner.dictionary(depth=0)
        reference = Reference(int(header[1]), int(header[2]))
        yield PdfObject(reference, dictionary, _body(pdf, scanner.skip_space()))


def occurrences(pdf: bytes, name: bytes, *, before: bytes = rb"") -> int:
    """Count a name in the raw file, in every spelling PDF has for it, where `before` follows."""
    spelled = b"".join(b"(?:%b|(?i:#%02x))" % (re.escape(bytes([byte])), byte) for byte in name)
    return sum(1 for _ in re.finditer(b"/" + spelled + rb"(?![^ \t\r\n\f\0()<>\[\]{}/%])" + before, pdf))


def stream_data(pdf: bytes, found: PdfObject, limit: int) -> bytes:
    """Give the content of a stream, inflated if need be. Raises MalformedError."""
    length = found.dictionary.get(b"Length")
    if found.body is None or not isinstance(length, int) or not 0 <= length <= len(pdf):
        raise MalformedError("An embedded file of the PDF has no stream of a stated length.")
    end = found.body + length
    raw = pdf[found.body : end]
    if not pdf[end : end + 12].lstrip(_SPACE).startswith(b"endstream"):
        raise MalformedError("An embedded file of the PDF does not end where it says.")
    if b"DecodeParms" in found.dictionary:
        raise MalformedError("An embedded file of the PDF is encoded in an unknown way.")
    encoding = found.dictionary.get(b"Filter")
    if encoding is None and len(raw) <= limit:
        return raw
    if encoding in (Name(b"FlateDecode"), [Name(b"FlateDecode")]):
        return _inflate(raw, limit)
    raise MalformedError("An embedded file of the PDF is too large or encoded in an unknown way.")


def text(value: "Value | None") -> str | None:
    """Read a text string, in either of the two encodings PDF has for it; None if it is no string."""
    if not isinstance(value, bytes):
        return None
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", errors="replace")
    return value.decode("latin-1")


def _inflate(raw: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(raw, limit + 1)
    except zlib.error as error:
        raise MalformedError("An embedded file of the PDF cannot be unpacked.") from error
    if len(data) > limit:
        raise MalformedError(f"An embedded file of the PDF unpacks to more than {limit} bytes.")
    if not inflater.eof or inflater.unused_data.strip(_SPACE):
        raise MalformedError("An embedded file of the PDF is cut off, or something follows it.")
    return data


def _body(pdf: bytes, position: int) -> int | None:
    if not pdf.startswith(b"stream", position):
        return None
    position += len(b"stream")
    if pdf.startswith(b"\r\n", position):
        return position + 2
    if pdf.startswith(b"\n", position):
        return position + 1
    raise MalformedError("A stream of the PDF does not begin on a line of its own.")


class _Scanner:
    """Read one dictionary, from its << to its >>."""

    def __init__(self, pdf: bytes, start: int) -> None:
        self._pdf = pdf
        self._at = start
        self._end = min(len(pdf), start + MAX_DICTIONARY)

    def skip_space(self) -> int:
        """Go to the next token, over white space and comments; return its place."""
        while self._at < self._end:
            if self._pdf[self._at] in _SPACE:
                self._at += 1
            elif self._pdf.startswith(b"%", self._at):
                ends = [
                    at for at in (self._pdf.find(b"\n", self._at), self._pdf.find(b"\r", self._at)) if at >= 0
                ]
                self._at = min(ends, default=self._end)
            else:
                break
        return self._at

    def dictionary(self, depth: int) -> dict[bytes, Value]:
        """Read a dictionary. Raises MalformedError, also for a key that is there twice."""
        self._take(b"<<")
        found: dict[bytes, Value] = {}
        while not self._accept(b">>"):
            key = self._value(depth + 1)
            if not isinstance(key, Name) or key.text in found:
                raise MalformedError("A dictionary of the PDF has a key twice, or one that is not a name.")
            found[key.text] = self._value(depth + 1)
        return found

    def _value(self, depth: int) -> Value:
        if depth > MAX_NESTING:
            raise MalformedError("A dictionary of the PDF is nested too deeply.")
        start = self.skip_space()
        if start >= self._end:
            raise MalformedError("A dictionary of the PDF does not end, or is too large.")
        if self._pdf.startswith(b"<<", start):
            return self.dictionary(depth)
        first = self._pdf[start : start + 1]
        if first == b"[":
            return self._array(depth)
        if first == b"/":
            return self._name()
        if first == b"(":
            return self._literal()
        if first == b"<":
            return self._hexadecimal()
        return self._word()

    def _array(self, depth: int) -> list[Value]:
        self._take(b"[")
        found: list[Value] = []
        while not self._accept(b"]"):
            found.append(self._value(depth + 1))
        return found

    def _name(self) -> Name:
        raw = self._regular(self._at + 1)
        self._at += 1 + len(raw)
        return Name(re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), raw))

    def _literal(self) -> bytes:
        """Read a string in parentheses, which may hold others; a backslash takes its successor along."""
        at, depth = self._at + 1, 1
        while at < self._end:
            byte = self._pdf[at : at + 1]
            depth += (byte == b"(") - (byte == b")")
            if depth == 0:
                raw = self._pdf[self._at + 1 : at]
                self._at = at + 1
                return _ESCAPE.sub(_unescape, raw)
            at += 2 if byte == b"\\" else 1
        raise MalformedError("A string of the PDF does not end.")

    def _hexadecimal(self) -> bytes:
        end = self._pdf.find(b">", self._at, self._end)
        digits = bytes(byte for byte in self._pdf[self._at + 1 : end] if byte not in _SPACE)
        if end < 0 or not re.fullmatch(rb"[0-9A-Fa-f]*", digits):
            raise MalformedError("A hexadecimal string of the PDF cannot be read.")
        self._at = end + 1
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())

    def _word(self) -> Value:
        reference = _REFERENCE.match(self._pdf, self._at, self._end)
        if reference:
            self._at = reference.end()
            return Reference(int(reference[1]), int(reference[2]))
        raw = self._regular(self._at)
        if not raw:
            raise MalformedError("A dictionary of the PDF has a character out of place.")
        self._at += len(raw)
        return int(raw) if _NUMBER.fullmatch(raw) else Word(raw)

    def _regular(self, start: int) -> bytes:
        at = start
        while at < self._end and self._pdf[at] not in _SPACE and self._pdf[at] not in _DELIMITERS:
            at += 1
        return self._pdf[start:at]

    def _accept(self, token: bytes) -> bool:
        if not self._pdf.startswith(token, self.skip_space()):
            return False
        self._at += len(token)
        return True

    def _take(self, token: bytes) -> None:
        if not self._accept(token):
            raise MalformedError("A dictionary of the PDF cannot be read.")


_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|\r\n|(.)|$)", re.DOTALL)
# A backslash before any other character is dropped, before a line end both are (ISO 32000-1, 7.3.4.2).
_ESCAPES: Mapping[bytes, bytes] = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"",
}  # fmt: skip


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    character: bytes = match[2] or b""
    return _ESCAPES.get(character, character)
