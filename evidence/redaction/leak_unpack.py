"""Unpack what a finished copy may hide for the leak check: base64, hexadecimal, gzip, zlib, zip, streams of a PDF.

Gives bytes; what they say is leak_layers.py's business. What unfolds to more than a limit raises, so that the check
fails; what cannot be unpacked at all holds nothing that others could read.
"""

import binascii
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

MAX_MEMBER = 64 * 1024 * 1024
MAX_MEMBERS = 1_000
# Shorter decoded words hold no file and no name among random bytes.
MIN_FILE = 24
# Base64 glued to letters before it is looked for in words of at least this length.
_MIN_SHIFTED = 16

_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_-]{8,}|[A-Za-z0-9+/_-]{6,7}(?==))(?:(?<=[A-Za-z0-9+/_-]{16})=?=?\r?\n[A-Za-z0-9+/_-]{4,})*"
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?([0-9A-Fa-f]{2}(?:[ :-]?[0-9A-Fa-f]{2}){2,})")
_PDF_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FILES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"%PDF-", b"BZh9", b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!", b"\xd0\xcf\x11\xe0\xa1\xb1", b"SQLite format 3\x00", b"OggS", b"ID3\x03", b"ID3\x04",
)  # fmt: skip


class LayerLimitError(Exception):
    """The data unfolds to more than can be searched."""


def encoded_words(text: str) -> Iterator[bytes]:
    """Yield what every word of a text says if it is hexadecimal or base64, from each of its first letters on."""
    for match in _HEX.finditer(text):
        yield bytes.fromhex(re.sub("[ :-]", "", match[1]))
    for match in _BASE64.finditer(text):
        lines = match[0].split("\n")
        # A line below that only looks like base64 must not spoil what stands above it.
        for run in [lines] if len(lines) == 1 else [lines, *([line] for line in lines)]:
            word = re.sub(r"[=\r]", "", "".join(run)).replace("-", "+").replace("_", "/")
            for skip in range(4 if len(word) >= _MIN_SHIFTED else 1):
                letters = word[skip : len(word) - ((len(word) - skip) % 4 == 1)]
                yield binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def is_file(data: bytes) -> bool:
    """Whether data is a file of its own that a search does not see into."""
    return len(data) >= MIN_FILE and data.startswith(_FILES)


def members(data: bytes) -> Iterator[bytes]:
    """Yield what an archive or a compressed file holds. Raises LayerLimitError where that is too much."""
    try:
        if data.startswith(b"\x1f\x8b\x08"):
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                yield _limited(packed.read(MAX_MEMBER + 1))
        elif data[:1] == b"x" and len(data) > 2 and int.from_bytes(data[:2], "big") % 31 == 0:
            unpacked = _limited(zlib.decompressobj().decompress(data, MAX_MEMBER + 1))
            if unpacked:
                yield unpacked
        elif data.startswith(b"PK\x03\x04"):
            yield from _zip_members(data)
        elif data.startswith(b"%PDF-"):
            yield from _pdf_streams(data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return


def _zip_members(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if len(archive.infolist()) > MAX_MEMBERS:
            raise LayerLimitError
        yield archive.comment
        for info in archive.infolist():
            yield info.filename.encode("utf-8", "replace") + b"\n" + info.comment + b"\n" + info.extra
            with archive.open(info) as member:
                yield _limited(member.read(MAX_MEMBER + 1))


def _pdf_streams(data: bytes) -> Iterator[bytes]:
    """Unpack the compressed streams of a PDF; letters that a page draws by the numbers of its font stay numbers."""
    for match in _PDF_STREAM.finditer(data):
        end = data.find(b"endstream", match.end())
        try:
            packed = data[match.end() : max(end, match.end())]
            yield _limited(zlib.decompressobj().decompress(packed, MAX_MEMBER + 1))
        except zlib.error:
            continue


def _limited(data: bytes) -> bytes:
    if len(data) > MAX_MEMBER:
        raise LayerLimitError
    return data
