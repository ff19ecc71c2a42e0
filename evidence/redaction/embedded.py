"""Look into words that hide a text of their own: base64, hexadecimal, uuencode.

Says which words of a text hide something; does not replace them. A word that decodes to a known binary format cannot
be examined here and is reported as opaque, so that it is withheld as a whole.
"""

import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

# Shorter words hide less than the shortest name.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_-]{8,}={0,2}|[A-Za-z0-9+/_-]{6,7}={1,2})(?:(?<=[A-Za-z0-9+/=_-]{16})\r?\n[A-Za-z0-9+/_-]{4,}={0,2})*"
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{2}(?:[ :-]?[0-9A-Fa-f]{2}){2,}")
_UUENCODE = re.compile(
    r"^begin [0-7]{3,4} [^\r\n]{1,300}\r?\n(?:[!-`][ -`]{0,90}\r?\n){1,200000}`?\r?\n?end", re.M
)

# Base64 glued to letters before it is looked for in words of at least this length.
_MIN_SHIFTED = 16

# Formats that hold pictures, documents or archives; recognised by their first bytes.
_OPAQUE = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b\x08",
    b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"\xd0\xcf\x11\xe0", b"SQLite format 3\x00", b"II*\x00",
    b"MM\x00*", b"OggS", b"ID3", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x1cftyp", b"\x00\x00\x00 ftyp", b"Rar!",
)  # fmt: skip
# Less than this is neither a file nor a place to hide a name between random bytes.
_MIN_OPAQUE = 24
# Bytes that read as text in at least this share are searched for parts of names as well.
_READABLE = 0.85
# Bytes that are no UTF-8 are read as Western text if there are enough of them, mostly unaccented.
_MIN_WESTERN = 12
_WESTERN = 0.7
# UTF-16 has such bytes, text of one byte a letter does not.
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32)])
_ABOVE_ASCII = bytes(range(128, 256))
# Bytes before a damage that are worth a search, and the longest name that is looked for in ideographs alone.
_MIN_WHOLE = 6
_MAX_NAME = 32
_ALL_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LINE_SIGNS = dict.fromkeys(map(ord, "\t\r\n"), " ")


@dataclass(frozen=True)
class Hidden:
    """A word of the text and what it decodes to; opaque words have no text. garbled: only long hits count."""

    start: int
    end: int
    text: str
    opaque: bool = False
    garbled: bool = False


def hidden(text: str) -> Iterator[Hidden]:
    """Yield every word of text that decodes to something worth searching."""
    for match in _UUENCODE.finditer(text):
        yield Hidden(match.start(), match.end(), "", opaque=True)
    for match in _HEX.finditer(text):
        digits = re.sub("[^0-9A-Fa-f]", "", match[0].removeprefix("0x"))
        yield from _judge(match, bytes.fromhex(digits))
    for match in _BASE64.finditer(text):
        yield from _base64(match)


def _base64(match: re.Match[str]) -> Iterator[Hidden]:
    lines = match[0].splitlines()
    yield from _base64_word(match, "".join(lines))
    if len(lines) > 1:
        # A line below that only looks like base64 must not spoil what stands above it.
        for line in lines:
            yield from _base64_word(match, line)


def _base64_word(match: re.Match[str], word: str) -> Iterator[Hidden]:
    word = word.replace("=", "")
    if "-" in word or "_" in word:
        word = word.replace("-", "+").replace("_", "/")
    ordinary = len(word) < _MIN_SHIFTED and word.isalpha() and word[1:].islower()
    for skip in range(4 if len(word) >= _MIN_SHIFTED else 1):
        if ordinary and "g" <= word[skip] <= "v":
            # Most words of ordinary text: the first byte would be the middle of a letter of UTF-8.
            continue
        letters = word[skip:]
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        try:
            data = binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
        except binascii.Error:
            continue
        yield from _judge(match, data)


def _judge(match: re.Match[str], data: bytes) -> Iterator[Hidden]:
    start, end = match.span()
    if len(data) >= _MIN_OPAQUE and (data.startswith(_OPAQUE) or _is_zlib(data)):
        yield Hidden(start, end, "", opaque=True)
        return
    for text in _texts(data):
        plain = text.translate(_LINE_SIGNS)
        garbled = not plain.isprintable() and sum(map(str.isprintable, plain)) < _READABLE * len(plain)
        if not garbled or len(text) >= _MIN_OPAQUE:
            yield Hidden(start, end, text, garbled=garbled)


def _texts(data: bytes) -> Iterator[str]:
    """Thousands of ordinary words pass here, so what is no text is noticed with as little work as possible."""
    try:
        yield data.decode("utf-8")
    except UnicodeDecodeError as damage:
        western = len(data.translate(None, _ABOVE_ASCII)) >= _WESTERN * len(data)
        if len(data) >= _MIN_OPAQUE or (western and len(data) >= _MIN_WESTERN):
            yield data.decode("latin-1")
        if damage.start >= _MIN_WHOLE:
            # What stands before the damage: the next word of the text may have been taken for more of this one.
            yield data[: damage.start].decode("utf-8")
        yield from _ideographs(data)
    if data.translate(None, _CONTROL) != data:
        for encoding in ("utf-16-le", "utf-16-be"):
            text = data[: len(data) // 2 * 2].decode(encoding, "replace")
            # Any bytes make some signs of UTF-16; text has no replaced or unassigned ones.
            if "\ufffd" not in text and text.translate(_LINE_SIGNS).isprintable():
                yield text


def _ideographs(data: bytes) -> Iterator[str]:
    """A name in UTF-16 whose bytes give no other sign of it."""
    if len(data) <= _MAX_NAME and len(data) % 2 == 0:
        for encoding in ("utf-16-le", "utf-16-be"):
            text = data.decode(encoding, "replace")
            if _ALL_DENSE.fullmatch(text):
                yield text


def _is_zlib(data: bytes) -> bool:
    if data[0] != 0x78 or int.from_bytes(data[:2], "big") % 31:
        return False
    try:
        return len(zlib.decompressobj().decompress(data, 65536)) > 0
    except zlib.error:
        return False
