"""Find registered identifiers in one text, as it lies there: fold it, look for patterns, judge the surroundings.

Works on text only; escapes, markup and encoded words are undone by views.py and embedded.py, which call this.
A hit tells where and who, and covers whole original characters.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from evidence.redaction.fold import SPACED, SQUEEZED, is_invisible, squeeze
from evidence.redaction.identifiers import Pattern, Rule, date_patterns, literals, patterns, short_words
from evidence.redaction.registry import CODE_CHANGES, LONG, Kind, Protected, Spelling

# A text is searched in windows: most need no way back to the original, which costs more than the search.
# One identifier with all that stands between its letters is shorter than the overlap.
WINDOW = 20_000
OVERLAP = 1_500
# A date is looked for this far around the last two digits of its year.
_DATE_REACH = 64
_PREFIX = 3
# What may precede a national number: "+34", "0049 (0)", "(0", "8-"
_DIAL_PREFIX = re.compile(
    r"(?:(?:\+|(?<![0-9])00)[ .\-/]*[0-9]{1,3}[ .\-/]*)?(?:\(0\)[ .\-/]*|\(0?|(?<![0-9])0[ .\-/]*)?$"
)
_LINE_BREAK = re.compile(r"\s*[-\u00ad\u2010\u2011]?[ \t]*\r?\n[ \t>]*")
# Words of this length may be broken by a line end without a hyphen ("or\nder" is no name of two letters each).
_BREAKABLE = 5

# Base64 of three to five bytes, with or without its padding.
_SHORT_WORD = re.compile(r"(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{4,7})(?![A-Za-z0-9+/])={0,2}")
_CODE_SIGNS = re.compile(r"[A-Za-z0-9+/_-]+")
_FIXED_CODE = re.compile(
    "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}"
)
_MIN_CODE = 22
_CODE_REACH = 4_000


@dataclass(frozen=True)
class Found:
    """A run of original characters that names a person."""

    start: int
    end: int
    pseudonym: str
    kind: str
    spelling: Spelling


class Finder:
    """The registry prepared for searching; makes no change to any text."""

    def __init__(self, registry: Iterable[Protected]) -> None:
        self.registry = registry = list(registry)
        self.pseudonyms = sorted({p.pseudonym for p in registry})
        self._all = _Index(patterns(registry))
        self._long = _Index(p for p in patterns(registry) if p.rule is Rule.ANYWHERE and len(p.text) >= LONG)
        self._dates: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for date in date_patterns(registry):
            self._dates.setdefault(date.year, []).append((re.compile(date.expression), date.pseudonym))
        years = "|".join(sorted(self._dates)) or "(?!)"
        self._years = re.compile(f"(?<![0-9])(?:[0-9]{{2}})?({years})(?![0-9])")
        self._year_digits = re.compile(years)
        self._literals = literals(registry)
        self._short_words = short_words(registry)

    def find(self, text: str) -> list[Found]:
        """Return all hits in text, each once, in their order."""
        hits: set[Found] = set()
        for base in range(0, len(text), WINDOW - OVERLAP) if text else ():
            window = text[base : base + WINDOW]
            pieces = list(map(SQUEEZED.__getitem__, window))
            stream = "".join(pieces)
            hits.update(_patterns_in(text, base, pieces, self._all.candidates(stream)))
            if self._year_digits.search(stream):
                hits.update(self._dates_in(base, window))
        hits.update(self._literals_in(text))
        hits.update(self._short_words_in(text))
        return sorted(hits, key=lambda h: (h.start, -h.end, h.pseudonym, h.kind, h.spelling))

    def find_long(self, text: str) -> list[Found]:
        """Return the hits that are no accident even in bytes that are no text."""
        pieces = list(map(SQUEEZED.__getitem__, text))
        return list(_patterns_in(text, 0, pieces, self._long.candidates("".join(pieces))))

    def _dates_in(self, base: int, window: str) -> Iterator[Found]:
        pieces = list(map(SPACED.__getitem__, window))
        spaced = "".join(pieces)
        ends: list[int] = []
        for year in self._years.finditer(spaced):
            for expression, pseudonym in self._dates[year[1]]:
                reach = max(0, year.start() - _DATE_REACH), year.end() + _DATE_REACH
                for match in expression.finditer(spaced, *reach):
                    ends = ends or list(accumulate(map(len, pieces)))
                    start, end = (base + bisect_right(ends, at) for at in (match.start(), match.end() - 1))
                    yield Found(start, end + 1, pseudonym, Kind.BIRTH_DATE, Spelling.STRONG)

    def _literals_in(self, text: str) -> Iterator[Found]:
        for literal in self._literals:
            sign = re.escape(literal.text)
            expression = rf"(?<!\w){sign}(?!\w)" if literal.text.isalnum() else sign
            for match in re.finditer(expression, text, re.IGNORECASE):
                yield Found(match.start(), match.end(), literal.pseudonym, literal.kind, Spelling.STRONG)

    def _short_words_in(self, text: str) -> Iterator[Found]:
        for match in _SHORT_WORD.finditer(text) if self._short_words else ():
            for protected in self._short_words.get(match[1], ()):
                yield Found(match.start(), match.end(), protected.pseudonym, protected.kind, Spelling.TOKEN)


class _Index:
    """Patterns by their first letters, and a regular expression for the places where one may begin."""

    def __init__(self, wanted: Iterable[Pattern]) -> None:
        self._by_prefix: dict[str, list[Pattern]] = {}
        for pattern in wanted:
            self._by_prefix.setdefault(pattern.text[:_PREFIX], []).append(pattern)
        self._first = re.compile(_trie(list(self._by_prefix)) or "(?!)")

    def candidates(self, stream: str) -> Iterator[tuple[int, Pattern]]:
        """Yield each place of the folded stream at which a pattern begins."""
        search, place = self._first.search, 0
        while match := search(stream, place):
            at = match.start()
            for length in range(1, _PREFIX + 1):
                for pattern in self._by_prefix.get(stream[at : at + length], ()):
                    if stream.startswith(pattern.text, at):
                        yield at, pattern
            place = at + 1


def _patterns_in(
    text: str, base: int, pieces: list[str], candidates: Iterator[tuple[int, Pattern]]
) -> Iterator[Found]:
    ends: list[int] = []
    for at, pattern in candidates:
        # The way back costs as much as the search, so it is made for the first candidate only.
        ends = ends or list(accumulate(map(len, pieces)))
        start, end = base + bisect_right(ends, at), base + bisect_right(ends, at + len(pattern.text) - 1) + 1
        if _stands(pattern, text, start, end):
            if pattern.kind == Kind.PHONE:
                start = _with_dial_prefix(text, start)
            while end < len(text) and is_invisible(text[end]):
                # Marks belong to the letter before them.
                end += 1
            yield Found(start, end, pattern.pseudonym, pattern.kind, pattern.spelling)


def _trie(prefixes: list[str]) -> str:
    """Return a regular expression that shares first letters, so that a miss is noticed at once."""
    branches: dict[str, list[str]] = {}
    for prefix in prefixes:
        branches.setdefault(prefix[0], []).append(prefix[1:])
    parts = []
    for letter, rests in sorted(branches.items()):
        rest = "" if "" in rests else f"(?:{_trie(rests)})"
        parts.append(re.escape(letter) + rest)
    return "|".join(parts)


def _stands(pattern: Pattern, text: str, start: int, end: int) -> bool:
    if pattern.rule is Rule.ANYWHERE:
        return True
    if not (_begins(pattern.text[0], text, start) and _ends(pattern.text[-1], text, end)):
        return False
    if pattern.rule is Rule.WORD and not _one_word(text[start:end], len(pattern.text)):
        return False
    return not _in_code(text, start, end)


def _in_code(text: str, start: int, end: int) -> bool:
    """Whether the hit lies in a digest, an identifier or a key, where random letters spell short words."""
    if not _CODE_SIGNS.fullmatch(text, start, end):
        return False
    before = _CODE_SIGNS.match(text[max(0, start - _CODE_REACH) : start][::-1])
    after = _CODE_SIGNS.match(text, end, end + _CODE_REACH)
    run = text[start - (before.end() if before else 0) : after.end() if after else end]
    if len(run) < _MIN_CODE:
        return False
    if _FIXED_CODE.fullmatch(run):
        return True
    kinds = "".join("0" if c.isdigit() else "A" if c.isupper() else "a" for c in run if c.isalnum())
    changes = sum(kinds[place] != kinds[place - 1] for place in range(1, len(kinds)))
    return len(set(kinds)) == 3 and changes >= CODE_CHANGES * len(kinds)


def _begins(edge: str, text: str, start: int) -> bool:
    place = start - 1
    while place >= 0 and is_invisible(text[place]):
        place -= 1
    if place < 0:
        return True
    before = text[place]
    return _parts(squeeze(before)[-1:], edge) or (before.islower() and text[start].isupper())


def _ends(edge: str, text: str, end: int) -> bool:
    place = end
    while place < len(text) and is_invisible(text[place]):
        place += 1
    if place >= len(text):
        return True
    after = text[place]
    return _parts(edge, squeeze(after)[:1]) or (text[end - 1].islower() and after.isupper())


def _parts(left: str, right: str) -> bool:
    """Whether a word ends between two folded characters: nothing there, or a digit beside a letter."""
    return not left or not right or left.isdigit() != right.isdigit()


def _one_word(written: str, letters: int) -> bool:
    """Whether letters stand together: unbroken, split by a line end or by signs, or all spaced out one by one."""
    seen = [c for c in written if not is_invisible(c)]
    if len(seen) <= letters:
        return True
    joined = _LINE_BREAK.sub(lambda m: "" if letters >= _BREAKABLE or m[0].strip() else " ", written)
    if not re.search(r"\s", joined):
        return True
    spelled = [bool(squeeze(c)) for c in seen]
    return not any(a and b for a, b in itertools.pairwise(spelled))


def _with_dial_prefix(text: str, start: int) -> int:
    match = _DIAL_PREFIX.search(text, max(0, start - 16), start)
    return match.start() if match else start
