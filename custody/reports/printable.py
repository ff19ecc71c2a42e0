"""Any text made printable: nothing hidden, nothing lost, nothing that the page's fonts cannot show.

Does: turn a string from a record into runs for the template: text, places where a long word may break, and
characters shown by number because no font has them or because they hide or reorder text (bidi controls,
zero-width characters). A file name made of anything must neither stop a report nor deceive its reader.
Does not: change, normalise or shorten text.

PDF/A forbids characters without glyph; one such character in one file name would otherwise fail the report.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

Json = str | int | list["Json"] | dict[str, "Json"]

# Widths are counted in letters; a wide letter counts half more. The narrowest column holds about 24 letters.
LONG_WORD = 22
PIECE = 12  # letters of a long word that stay together
PIECE_WIDE = 8  # the same where most letters are wide
LONG_OTHER = 60  # the same for scripts with joined letters or without spaces, where a break costs the shaping
PIECE_OTHER = 16
JOINERS = "\u200c\u200d"  # needed between letters of Arabic and Indic scripts, deceptive elsewhere
JOINING = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff]")

_PLAIN = re.compile(r"[ -~]*")
_LONG = re.compile(r"\S{14,}")
_WIDE = re.compile(r"[A-Z%@mw]")
_WORDS = re.compile(r"(\s+)")
_SPLIT_AFTER = re.compile(r"(?<=[_./\\:;,=&?#@+-])")
_JOINED_SCRIPTS = re.compile("[\u0590-\u1fff\u2e80-\uffff\U00010000-\U0010ffff]")
_UNDETERMINED = re.compile("[\u0400-\u052f\u0590-\u1dff\u2e80-\uffff\U00010000-\U0010ffff]")

# Scripts that one language uses nearly alone. Others (Han, Arabic, Cyrillic …) stay "undetermined": a report
# does not guess.
_LANGUAGES = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7a3\u1100-\u11ff]"), "ko"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff]"), "el"),
)


class Printer:
    """Makes text printable with certain fonts, given as the characters that each of them has."""

    def __init__(self, coverages: Sequence[frozenset[int]]) -> None:
        self._coverages = tuple(coverages)
        self._simple = simple_characters(self._coverages)
        self._done: dict[str, Json] = {}

    def printable(self, text: str) -> Json:
        """Make runs of a text; a text with nothing special in it stays a plain string."""
        if _PLAIN.fullmatch(text) and not _LONG.search(text):
            return text
        if text not in self._done:
            self._done[text] = self._runs(text)
        return self._done[text]

    def _runs(self, text: str) -> Json:
        text = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text).replace("\t", " ")
        runs: list[Json] = []
        for kind, part in self._visible(text):
            if kind == "u":
                runs.append({"u": part})
            else:
                runs.extend(_pieces(part))
        return {"runs": runs, "dir": _direction(text), "lang": _language(text)}

    def _visible(self, text: str) -> Iterator[tuple[str, str]]:
        """Split into stretches that can be shown ("t") and single characters that cannot ("u")."""
        if self._simple.issuperset(text.replace("\n", "")):
            yield "t", text
            return
        shown = ""
        for cluster in _clusters(text):
            whole = self._showable(cluster)
            for part in (cluster,) if whole else tuple(cluster):
                if whole or part in self._simple:
                    shown += part
                    continue
                if shown:
                    yield "t", shown
                    shown = ""
                yield "u", f"U+{ord(part):04X}"
        if shown:
            yield "t", shown

    def _showable(self, cluster: str) -> bool:
        """Say whether one font shows it all: base and mark from two fonts would leave a missing glyph."""
        if cluster == "\n":
            return True
        if _is_mark(cluster[0]) or any(_hides(each) for each in cluster if each not in JOINERS):
            return False
        if len(cluster) == 1 and cluster in JOINERS:
            return False
        needed = {ord(each) for each in cluster if each not in JOINERS}
        return any(needed <= coverage for coverage in self._coverages)


@lru_cache(maxsize=4)
def simple_characters(coverages: tuple[frozenset[int], ...]) -> frozenset[str]:
    """Find the characters that can be shown wherever they stand: no marks, nothing hidden."""
    characters = (chr(number) for number in frozenset[int]().union(*coverages))
    return frozenset(each for each in characters if not _is_mark(each) and not _hides(each))


def _clusters(text: str) -> Iterator[str]:
    """Split into base characters with their marks; a joiner stays only between letters that join."""
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and (_is_mark(text[at]) or _joins(text, at) or _joins(text, at - 1)):
            continue
        if start < len(text):
            yield text[start:at]
        start = at


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me")


def _joins(text: str, at: int) -> bool:
    return (
        text[at] in JOINERS
        and 0 < at < len(text) - 1
        and JOINING.match(text[at - 1]) is not None
        and JOINING.match(text[at + 1]) is not None
    )


def _hides(character: str) -> bool:
    """Say whether it is a control, format, surrogate, private or unassigned character."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _pieces(text: str) -> Iterator[Json]:
    """Cut at line ends ("n") and where a long word may break ("b").

    Line ends are shown as such: no text may pass for another line of the form.
    """
    for number, line in enumerate(text.split("\n")):
        if number:
            yield {"n": ""}
        kept = ""
        for word in _WORDS.split(line):
            first, *rest = _cut_word(word)
            kept += first
            for piece in rest:
                yield {"t": kept}
                yield {"b": ""}
                kept = piece
        if kept:
            yield {"t": kept}


def _cut_word(word: str) -> list[str]:
    joined = _JOINED_SCRIPTS.search(word) is not None
    wide = len(_WIDE.findall(word))
    if len(word) + wide // 2 < (LONG_OTHER if joined else LONG_WORD):
        return [word]
    parts = [word] if joined else _SPLIT_AFTER.split(word)
    size = PIECE_OTHER if joined else PIECE_WIDE if 2 * wide > len(word) else PIECE
    return [piece for part in parts if part for piece in _cut(part, size)]


def _cut(part: str, size: int) -> Iterator[str]:
    """Cut into pieces of about equal length, never between a base and its mark."""
    clusters = list(_clusters(part))
    length = -(-len(clusters) // -(-len(clusters) // size))
    for start in range(0, len(clusters), length):
        yield "".join(clusters[start : start + length])


def _direction(text: str) -> str:
    """Direction of the first letter that has one (Unicode bidi rule P2)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def _language(text: str) -> str:
    for script, language in _LANGUAGES:
        if script.search(text):
            return language
    return "und" if _UNDETERMINED.search(text) else "en"
