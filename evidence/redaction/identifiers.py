"""Turn registered identifiers into what is searched: squeezed patterns, each with a rule for its surroundings.

Knows how names, telephone numbers, e-mail and postal addresses, handles and document numbers are rewritten. Does not
search (find.py) and does not know dates of birth beyond handing them to birth_dates.py.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import permutations, product

from evidence.redaction import birth_dates
from evidence.redaction.fold import is_unspaced, spellings, squeeze
from evidence.redaction.registry import LONG, NAME_KINDS, PART, PARTICLES, Kind, Protected, Spelling


class Rule(Enum):
    """Where a pattern may stand: anywhere, where a word begins and ends, or as one unbroken word."""

    ANYWHERE = 1
    BOUNDED = 2
    WORD = 3


@dataclass(frozen=True)
class Pattern:
    """A squeezed string that names a person."""

    text: str
    rule: Rule
    spelling: Spelling
    pseudonym: str
    kind: str


@dataclass(frozen=True)
class DatePattern:
    """A regular expression over spaced text that names a person by date of birth."""

    expression: str
    year: str
    pseudonym: str


@dataclass(frozen=True)
class Literal:
    """An identifier without letters or digits (a sign, an emoji) or with one only: searched as it is written."""

    text: str
    pseudonym: str
    kind: str


_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "ø": "oe"}
)
_TWO_LETTER_UMLAUTS = re.compile(r"ae|oe|ue|aa", re.IGNORECASE)
_PART_BREAKS = re.compile(r"[\s\u00a0,;/]+")
_WITHIN_PART = re.compile(r"[-\u2010-\u2015'\u2019\u02bc.]+")

_ONE_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")

_AT = ("", "at", "arroba", "aet")
_DOTS = ("", "dot", "punto", "punkt", "point")
# Local parts that name no person, so they are not searched without their domain.
_NOBODY = frozenset({
    "admin", "contact", "contacto", "hello", "hallo", "kontakt", "office", "support", "webmaster",
    "service", "booking",
})  # fmt: skip

# Words of addresses and how they are shortened, folded; each group is exchanged for its other members.
_STREETS = (
    ("strasse", "str"), ("street", "st"), ("avenue", "avenida", "ave", "av", "avda"), ("road", "rd"),
    ("calle", "c", "cl"), ("boulevard", "blvd"), ("drive", "dr"), ("lane", "ln"), ("platz", "pl"),
    ("place", "pl"), ("plaza", "pza", "plz"), ("square", "sq"), ("apartment", "apt"), ("number", "no", "nr", ""),
)  # fmt: skip

# Conjunctions, articles and prepositions that Arabic and Hebrew write together with the name.
_ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك", "ال", "وال")
_HEBREW_PREFIXES = ("ו", "ה", "ב", "ל", "מ", "ש", "כ")

_COUNTRY_CODES = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9][0-9]")
# A subscriber number shorter than this is searched with its area code only.
_MIN_NATIONAL = 6
# Longer names make words of base64 that embedded.py decodes.
MAX_SHORT_WORD = 5


def patterns(registry: Iterable[Protected]) -> list[Pattern]:
    """Return every pattern for the registry, each once, in a fixed order."""
    found: dict[Pattern, None] = {}
    for protected in registry:
        found.update(dict.fromkeys(_patterns(protected)))
    return sorted(found, key=lambda p: (p.text, p.pseudonym, p.kind, p.rule.value))


def date_patterns(registry: Iterable[Protected]) -> list[DatePattern]:
    """Return the dates of birth that have more spellings than numbers in a row."""
    return [
        DatePattern(birth_dates.pattern(date), f"{date.year % 100:02}", protected.pseudonym)
        for protected in registry
        if protected.kind == Kind.BIRTH_DATE
        for date in birth_dates.readings(protected.value)
    ]


def literals(registry: Iterable[Protected]) -> list[Literal]:
    """Return identifiers that folding would make too short to search."""
    return [
        Literal(protected.value.strip(), protected.pseudonym, protected.kind)
        for protected in registry
        if len(squeeze(protected.value)) < 2
    ]


def short_words(registry: Iterable[Protected]) -> dict[str, list[Protected]]:
    """Return parts of names as whole words of base64 that are too short to be decoded on suspicion."""
    words: dict[str, list[Protected]] = {}
    for protected in registry:
        parts = (
            {protected.value.strip(), *name_parts(protected.value)} if protected.kind in NAME_KINDS else ()
        )
        for part in sorted(parts):
            for form in sorted({part, part.lower(), part.upper(), part.title()}):
                data = form.encode("utf-8")
                if len(part) >= PART and len(data) <= MAX_SHORT_WORD:
                    words.setdefault(base64.b64encode(data).decode("ascii").rstrip("="), []).append(protected)
    return words


def _telephone(protected: Protected) -> Iterator[Pattern]:
    """The number as it is dialled at home and from abroad, for each way to read what was registered."""
    written = re.sub(r"\(\s*0\s*\)", "", protected.value)
    digits = re.sub("[^0-9]", "", squeeze(written))
    bare = digits.lstrip("0")
    # Country code and national number; without a sign it is not certain that there is a code.
    readings = {("", bare)}
    if digits.startswith("00") or written.strip().startswith(("+", "＋")):
        readings = {_country(bare)}
    elif len(digits) >= 11 and not digits.startswith("0"):
        readings.add(_country(digits))
    if len(digits) == 11 and digits.startswith("8"):
        readings.add(("7", digits[1:]))
    if all(len(national) < _MIN_NATIONAL for _, national in readings):
        yield from _strong(digits, protected, written=digits)
        return
    for code, national in readings:
        yield from _strong(national, protected, written=national)
        prefixes = ("0", code, "00" + code, code + "0") if code else ("0",)
        for prefix in prefixes:
            # Bounded: the end of another number before it is no prefix.
            yield Pattern(
                prefix + national, Rule.BOUNDED, Spelling.STRONG, protected.pseudonym, protected.kind
            )


def _country(digits: str) -> tuple[str, str]:
    match = _COUNTRY_CODES.match(digits)
    return (match[0], digits[match.end() :].lstrip("0")) if match else ("", digits)


def _patterns(protected: Protected) -> Iterator[Pattern]:
    kind = protected.kind
    if kind in NAME_KINDS:
        yield from _names(protected)
        return
    texts: set[str] = set()
    if kind == Kind.BIRTH_DATE:
        for date in birth_dates.readings(protected.value):
            texts |= birth_dates.compact(date)
    elif kind == Kind.PHONE:
        yield from _telephone(protected)
        return
    elif kind == Kind.EMAIL:
        texts = _emails(protected.value)
        yield from _mailbox(protected)
    elif kind == Kind.HANDLE:
        texts = spellings(protected.value) | spellings(protected.value.rstrip("/").rsplit("/", 1)[-1])
    elif kind == Kind.ADDRESS:
        texts = _addresses(protected.value)
    for text in texts or spellings(protected.value):
        yield from _strong(text, protected, written=protected.value)


def _strong(text: str, protected: Protected, *, written: str) -> Iterator[Pattern]:
    """A short identifier that is written as one word is searched as one: "Isa" is not in "is a"."""
    if len(text) < 2:
        return
    short = Rule.WORD if _ONE_WORD.fullmatch(written.strip()) else Rule.BOUNDED
    rule = Rule.ANYWHERE if len(text) >= LONG or is_unspaced(text) else short
    yield Pattern(text, rule, Spelling.STRONG, protected.pseudonym, protected.kind)


def _names(protected: Protected) -> Iterator[Pattern]:
    parts = name_parts(protected.value)
    wholes = [protected.value, *(f"{a} {b}" for a, b in permutations(parts, 2))]
    if "," in protected.value:
        last, _, first = protected.value.partition(",")
        wholes.append(f"{first} {last}")
    for whole in wholes:
        for text in _rewritten(whole):
            yield from _strong(text, protected, written=whole)
    for part in parts:
        for text in _single_parts(part):
            rule = Rule.ANYWHERE if is_unspaced(text) else Rule.WORD
            yield Pattern(text, rule, Spelling.TOKEN, protected.pseudonym, protected.kind)


def name_parts(value: str) -> list[str]:
    """Return the parts of a name that can stand for it, without particles and initials."""
    parts: dict[str, None] = {}
    for part in _PART_BREAKS.split(unicodedata.normalize("NFKC", value)):
        for piece in (part, *_WITHIN_PART.split(part)):
            if len(squeeze(piece)) >= 2 and squeeze(piece) not in PARTICLES:
                parts[piece] = None
        given = _given_name(part)
        if given:
            parts[given] = None
    return list(parts)


def _given_name(part: str) -> str:
    """In Chinese and Korean names of three signs the last two are the given name."""
    return part[1:] if len(part) == 3 and re.fullmatch("[\u3400-\u9fff]{3}|[\uac00-\ud7af]{3}", part) else ""


def _single_parts(part: str) -> Iterator[str]:
    letters = len(re.sub(r"[\W\d_]", "", unicodedata.normalize("NFC", part)))
    if letters < (2 if is_unspaced(part) else PART):
        return
    for text in _rewritten(part):
        if len(text) < PART and not is_unspaced(text):
            continue
        yield text
        if text.isascii() and len(text) > PART and not text.endswith("s"):
            yield text + "s"
        yield from _prefixed(text)


def _prefixed(text: str) -> Iterator[str]:
    if "\u0620" <= text[0] <= "\u06ff":
        yield from (prefix + text for prefix in _ARABIC_PREFIXES)
    elif "\u05d0" <= text[0] <= "\u05ea":
        yield from (prefix + text for prefix in _HEBREW_PREFIXES)


def _rewritten(value: str) -> set[str]:
    """Fold value with umlauts as they are, written out, and taken back."""
    forms = {value, unicodedata.normalize("NFC", value).translate(_UMLAUTS)}
    if _TWO_LETTER_UMLAUTS.search(value):
        forms.add(_TWO_LETTER_UMLAUTS.sub(lambda match: match[0][0], value))
    return {text for form in forms for text in spellings(form) if text}


def _emails(value: str) -> set[str]:
    local, _, domain = value.strip().lower().rpartition("@")
    if not local:
        return spellings(value)
    mailboxes = {dot.join(map(squeeze, local.split("."))) for dot in _DOTS}
    domains = {dot.join(map(squeeze, domain.split("."))) for dot in _DOTS}
    return {"".join(form) for form in product(mailboxes, _AT, domains)}


def _mailbox(protected: Protected) -> Iterator[Pattern]:
    """The part before the @ is often a handle elsewhere."""
    text = squeeze(protected.value.strip().rpartition("@")[0])
    if len(text) >= 5 and text not in _NOBODY:
        yield Pattern(text, Rule.WORD, Spelling.TOKEN, protected.pseudonym, protected.kind)


def _addresses(value: str) -> set[str]:
    """The whole address, and each of its lines that has a number, with street words written out or shortened."""
    lines = {line.strip() for line in re.split(r"[,;\n]", value)}
    wanted = [
        value,
        *(line for line in sorted(lines) if re.search(r"\d", line) and re.search(r"[^\W\d_]", line)),
    ]
    found: set[str] = set()
    for text in wanted:
        found |= {form for variant in _street_variants(text) for form in _rewritten(variant)}
    return {text for text in found if len(text) >= PART}


def _street_variants(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+|\d+\w*", text)
    variants = {" ".join(words)}
    for place, word in enumerate(words):
        folded = squeeze(word)
        for group in _STREETS:
            for member in group:
                if member and (
                    folded == member or (len(folded) > len(member) + 2 and folded.endswith(member))
                ):
                    stem = folded[: len(folded) - len(member)]
                    variants |= {
                        " ".join([*words[:place], stem + other, *words[place + 1 :]]) for other in group
                    }
    return variants
