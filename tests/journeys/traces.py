"""Looks for traces of people in any bytes: their names in the spellings and encodings that programs leave behind.

It searches for what is registered and for the parts of names; it does not recognise people by anything else.
Compressed parts are looked into where they are PDF streams, members of ZIP files or gzip.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

from custody.client.artifacts import story

# Shorter parts of names ("al", "May", "Zofie" has five) are words of other languages too.
SHORTEST_PART = 5
# A name of so many signs does not come up by chance.
LONG = 8
RUN = 64
RUN_BEFORE, RUN_BEHIND = re.compile(rb"[A-Za-z0-9+/]+$"), re.compile(rb"[A-Za-z0-9+/]+")
MIXED = tuple(re.compile(kind) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
SEARCHED = ("name", "other_script", "alias", "phone", "email", "handle", "document")


@cache
def identifiers() -> tuple[str, ...]:
    """The identifiers of the demonstration's victims, and the parts of their names that stand for themselves."""
    found: set[str] = set()
    for victim in story.VICTIMS:
        for row in victim["identifiers"]:
            kind, value = row["kind"], row["value"]
            if kind not in SEARCHED:
                continue
            found.add(value)
            if kind in {"name", "other_script"}:
                found |= {part for part in value.split() if len(part) >= SHORTEST_PART}
            if kind == "phone":
                found |= set(_phone(value))
            if kind == "email":
                found.add(value.replace("@", " [at] "))
    return tuple(sorted(found))


def _phone(value: str) -> Iterator[str]:
    """The number as it is dialled, with and without country code and spaces."""
    digits = re.sub(r"\D", "", value)
    national = "0" + digits.removeprefix("44")
    yield from (digits, national)
    yield from (f"{national[:5]} {national[5:]}", f"{national[:5]} {national[5:8]} {national[8:]}")
    yield f"{national[:5]}-{national[5:]}"


@cache
def patterns() -> dict[bytes, str]:
    """Every byte string that is searched for, in lower-case ASCII where case does not matter, and what it is."""
    return {form.lower(): name for name in identifiers() for text in spellings(name) for form in forms(text)}


@cache
def exact_patterns() -> dict[bytes, str]:
    """The byte strings whose case matters: base64, in which the neighbours of a name change its first and last sign."""
    found = {}
    for name in identifiers():
        for text in (name, name.lower()):
            for encoding in ("utf-8", "utf-16-le"):
                for offset in range(3):
                    found[_base64(text.encode(encoding), offset)] = name
    return found


def spellings(name: str) -> set[str]:
    composed = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    return {
        cased for one in composed for cased in (one, one.lower(), one.upper(), one.title(), one.casefold())
    }


def forms(text: str) -> Iterator[bytes]:
    utf8 = text.encode("utf-8")
    yield utf8
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield quote(text).encode("ascii")
    yield quote(text, safe="").encode("ascii")
    yield json.dumps(text)[1:-1].encode("ascii")
    yield utf8.hex().encode("ascii")


def _base64(data: bytes, offset: int) -> bytes:
    """The signs that depend on the data alone, wherever it begins."""
    text = base64.b64encode(b"\0" * offset + data)
    first = (offset * 8 + 5) // 6
    return text[first : (offset + len(data)) * 8 // 6]


def in_bytes(data: bytes) -> set[str]:
    """The identifiers found in these bytes."""
    # Empty pages of the database hold nothing, and a zero byte begins many names in UTF-16.
    data = re.sub(rb"\x00{16,}", bytes(8), data)
    found = {
        patterns()[match[0]]
        for match in _searcher(any_case=True).finditer(data.lower())
        if not _is_chance(data, *match.span())
    }
    return found | {exact_patterns()[match] for match in _searcher(any_case=False).findall(data)}


def _is_chance(data: bytes, start: int, end: int) -> bool:
    """Whether a short name is five or six signs of a signature or a hash written in base64, where any five come up.

    That is so within a long run of such signs, small and capital letters and digits mixed, that no word breaks. What
    base64 holds is searched for in its encoded forms.
    """
    if end - start >= LONG:
        return False
    before = RUN_BEFORE.search(data, max(start - RUN, 0), start)
    behind = RUN_BEHIND.match(data, end, end + RUN)
    run = (before[0] if before else b"") + data[start:end] + (behind[0] if behind else b"")
    return len(run) >= RUN and all(kind.search(run) for kind in MIXED)


@cache
def _searcher(*, any_case: bool) -> re.Pattern[bytes]:
    """One expression for all patterns, as a tree of their beginnings: hundreds of single searches take minutes."""
    tree: dict[int, dict] = {}
    for pattern in patterns() if any_case else exact_patterns():
        place = tree
        for byte in pattern:
            place = place.setdefault(byte, {})
        place[-1] = {}
    return re.compile(_written(tree), re.DOTALL)


def _written(tree: dict[int, dict]) -> bytes:
    """Write the tree as an expression; the longest name wins over its own beginning."""
    branches = [re.escape(bytes([byte])) + _written(tree[byte]) for byte in sorted(tree) if byte != -1]
    if not branches:
        return b""
    joined = branches[0] if len(branches) == 1 and -1 not in tree else b"(?:" + b"|".join(branches) + b")"
    return joined + b"?" if -1 in tree else joined


def in_layers(data: bytes) -> set[str]:
    """The identifiers found in these bytes or in what is packed in them."""
    return set().union(*(in_bytes(layer) for layer in _layers(data)))


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    for match in re.finditer(rb"stream\r?\n", data):
        unpacked = zlib.decompressobj()
        try:
            yield unpacked.decompress(data[match.end() :], 64 << 20)
        except zlib.error:
            continue  # a stream that is not deflated was searched as it is
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)


def in_files(folder: Path, *, without: Iterable[Path] = ()) -> dict[Path, set[str]]:
    """The files below a folder in whose bytes or names identifiers are found."""
    left_out = tuple(without)
    found = {}
    for path in sorted(folder.rglob("*")):
        if any(path.is_relative_to(one) for one in left_out):
            continue
        names = in_bytes(str(path.relative_to(folder)).encode("utf-8", "surrogateescape"))
        if path.is_file():
            names |= in_bytes(path.read_bytes())
        if names:
            found[path] = names
    return found
