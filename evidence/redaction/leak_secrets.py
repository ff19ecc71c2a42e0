"""What the leak check looks for: registered identifiers as plain strings, sorted by how they are looked up.

Written apart from the redactor's identifiers.py on purpose, from the words of the contract in registry.py. It lists
what must not be left; it does not try to list every way to write it.
"""

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evidence.redaction.leak_dates import Date, numbers, registered
from evidence.redaction.leak_fold import fold, squeeze
from evidence.redaction.registry import LONG, NAME_KINDS, PART, PARTICLES, Kind, Protected

Owner = tuple[str, str]

# Scripts without spaces between words: there a string is looked for anywhere.
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TWO_DIGIT_COUNTRIES = {
    "2": "07", "3": "0123469", "4": "013456789", "5": "12345678", "6": "0123456", "8": "1246", "9": "0123458",
}  # fmt: skip
_EVERYBODY = {
    "admin",
    "contact",
    "contacto",
    "hello",
    "hallo",
    "kontakt",
    "office",
    "support",
    "webmaster",
    "service",
}
_EVERYBODY |= {"booking"}
_MIN_MAILBOX = 5
_MIN_NATIONAL = 6
_NOT_ALONE = 2
_MAX_SHORT = 7


@dataclass
class Secrets:
    """The registry, prepared: string to owners."""

    glued: dict[str, set[Owner]] = field(default_factory=dict)
    bounded: dict[str, set[Owner]] = field(default_factory=dict)
    words: dict[str, set[Owner]] = field(default_factory=dict)
    mails: dict[str, set[Owner]] = field(default_factory=dict)
    dates: dict[Date, set[Owner]] = field(default_factory=dict)
    signs: dict[str, set[Owner]] = field(default_factory=dict)
    raw: dict[str, set[Owner]] = field(default_factory=dict)
    short: dict[str, set[Owner]] = field(default_factory=dict)


def prepare(registry: Iterable[Protected]) -> Secrets:
    """Return what to look for."""
    secrets = Secrets()
    for protected in registry:
        owner = (protected.pseudonym, str(protected.kind))
        for text in _as_bytes(protected.value):
            secrets.raw.setdefault(text, set()).add(owner)
        if len(squeeze(fold(protected.value))) < _NOT_ALONE:
            secrets.signs.setdefault(protected.value.strip().lower(), set()).add(owner)
        elif protected.kind in NAME_KINDS:
            _add_name(secrets, protected.value, owner)
            for text in _short_base64(protected.value):
                secrets.short.setdefault(text, set()).add(owner)
        elif protected.kind == Kind.BIRTH_DATE:
            _add_date(secrets, protected.value, owner)
        else:
            for form in {protected.value, protected.value.lower(), protected.value.upper()}:
                _add_other(secrets, protected.kind, fold(form), owner)
    return secrets


def _as_bytes(value: str) -> Iterator[str]:
    """Words beyond ASCII as they lie in a file that is no text, each byte one sign; ASCII ones are found anyhow."""
    for word in re.findall(r"[^\W\d_]{4,}", unicodedata.normalize("NFC", value)):
        for form in () if word.isascii() else {word, word.lower(), word.upper()}:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                yield form.encode(encoding).decode("latin-1")
            if form.isprintable() and max(form) <= "\xff":
                yield form


def _add(secrets: Secrets, text: str, owner: Owner, *, one_word: bool = False) -> None:
    """File one squeezed string by its length: long ones are found anywhere, short ones as words."""
    if len(text) < _NOT_ALONE:
        return
    if len(text) >= LONG or _DENSE.search(text):
        table = secrets.glued
    else:
        table = secrets.words if one_word else secrets.bounded
    table.setdefault(text, set()).add(owner)


def _add_name(secrets: Secrets, value: str, owner: Owner) -> None:
    for written in {value, _umlauts_written_out(value)}:
        one_word = len(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", written))) == 1
        # Greek capitals and small letters look like different Latin letters.
        for form in {written, written.upper(), written.lower(), written.title()}:
            folded = fold(form)
            _add(secrets, squeeze(folded), owner, one_word=one_word)
            parts = sorted(set(_parts(folded)))
            for part in parts:
                _add_part(secrets, part, owner)
                for other in parts:
                    if other != part:
                        _add(secrets, part + other, owner)


def _short_base64(value: str) -> Iterator[str]:
    """Names of three to five bytes as base64: too short to be decoded in every text, so they are encoded here."""
    for word in re.findall(r"[^\W\d_]{3,}", unicodedata.normalize("NFC", value)):
        for form in {word, word.lower(), word.upper(), word.capitalize()}:
            encoded = b2a_base64(form.encode("utf-8"), newline=False).decode("ascii").strip("=")
            if len(encoded) <= _MAX_SHORT and (word == value.strip() or fold(word) not in PARTICLES):
                yield encoded


def _add_part(secrets: Secrets, part: str, owner: Owner) -> None:
    if _DENSE.search(part):
        secrets.glued.setdefault(part, set()).add(owner)
    elif len(part) >= PART:
        secrets.words.setdefault(part, set()).add(owner)


def _parts(folded: str) -> Iterator[str]:
    for word in re.split(r"[\s,;/]+", folded):
        pieces = {word, *re.split(r"[-\u2010-\u2015'\u2019.]+", word)}
        yield from sorted(
            squeeze(p) for p in pieces if len(squeeze(p)) >= _NOT_ALONE and squeeze(p) not in PARTICLES
        )


def _umlauts_written_out(value: str) -> str:
    composed = unicodedata.normalize("NFC", value)
    for umlaut, letters in zip("äöüÄÖÜ", ("ae", "oe", "ue", "Ae", "Oe", "Ue"), strict=True):
        composed = composed.replace(umlaut, letters)
    return composed


def _add_date(secrets: Secrets, value: str, owner: Owner) -> None:
    dates = registered(fold(value))
    for date in dates:
        secrets.dates.setdefault(date, set()).add(owner)
        secrets.dates.setdefault((date[0] % 100, *date[1:]), set()).add(owner)
        for text in numbers(date):
            table = secrets.glued if len(text) >= LONG else secrets.words
            table.setdefault(text, set()).add(owner)
    if not dates:
        _add(secrets, squeeze(fold(value)), owner)


def _add_other(secrets: Secrets, kind: str, value: str, owner: Owner) -> None:
    if kind == Kind.PHONE:
        _add(secrets, _subscriber(value), owner)
    elif kind == Kind.EMAIL and "@" in value:
        mailbox = squeeze(value.rpartition("@")[0])
        secrets.mails.setdefault(squeeze(value), set()).add(owner)
        _add(secrets, squeeze(value), owner)
        if len(mailbox) >= _MIN_MAILBOX and mailbox not in _EVERYBODY:
            secrets.words.setdefault(mailbox, set()).add(owner)
    elif kind == Kind.HANDLE:
        for text in {value, value.rstrip("/").rpartition("/")[2]}:
            _add(secrets, squeeze(text), owner, one_word=text.strip().isalpha())
    else:
        _add(secrets, squeeze(value), owner, one_word=value.strip().isalpha())
        if kind == Kind.ADDRESS:
            for line in re.split(r"[,;\n]", value):
                if re.search(r"[0-9]", line) and re.search(r"[^\W\d_]", line) and len(squeeze(line)) >= PART:
                    _add(secrets, squeeze(line), owner)


def _subscriber(value: str) -> str:
    """Return the digits that stay when country code and trunk prefix go."""
    digits = re.sub("[^0-9]", "", re.sub(r"\(\s*0\s*\)", "", value))
    national = digits.lstrip("0")
    if value.strip().startswith("+") or digits.startswith("00"):
        national = national[_country_length(national) :].lstrip("0")
    return national if len(national) >= _MIN_NATIONAL else digits


def _country_length(digits: str) -> int:
    first, second = digits[:1], digits[1:2]
    if first in ("1", "7"):
        return 1
    return 2 if second and second in _TWO_DIGIT_COUNTRIES.get(first, "") else 3
