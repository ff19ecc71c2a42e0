"""Fold whole texts for the leak check: case, marks, Unicode forms, digits and look-alike letters fall together.

Built from Unicode's names of the letters and whole-string operations; shares nothing with the redactor's fold.py, so
that one wrong table cannot blind both. Folding here keeps no way back to the original.
"""

import re
import unicodedata
from itertools import pairwise

# What a letter looks like, by its Unicode name. Greek differs by case, Cyrillic does not.
_CYRILLIC = {
    "A": "a", "VE": "b", "IE": "e", "SHHA": "h", "BYELORUSSIAN-UKRAINIAN I": "i", "JE": "j", "KA": "k", "EM": "m",
    "EN": "h", "O": "o", "ER": "p", "ES": "c", "DZE": "s", "TE": "t", "U": "y", "HA": "x", "KOMI DE": "d",
    "QA": "q", "WE": "w", "PALOCHKA": "l", "GHE": "r", "PE": "n", "SOFT SIGN": "b", "IZHITSA": "v",
}  # fmt: skip
_GREEK_CAPITAL = {
    "ALPHA": "a", "BETA": "b", "EPSILON": "e", "ZETA": "z", "ETA": "h", "IOTA": "i", "KAPPA": "k", "MU": "m",
    "NU": "n", "OMICRON": "o", "RHO": "p", "TAU": "t", "UPSILON": "y", "CHI": "x",
}  # fmt: skip
_GREEK_SMALL = {
    "ALPHA": "a", "BETA": "b", "EPSILON": "e", "ETA": "n", "IOTA": "i", "KAPPA": "k", "MU": "u", "NU": "v",
    "OMICRON": "o", "RHO": "p", "TAU": "t", "UPSILON": "u", "CHI": "x", "OMEGA": "w",
}  # fmt: skip
_LATIN = {"AE": "ae", "THORN": "th", "ETH": "d", "ENG": "n", "SCHWA": "e", "ALPHA": "a", "DOTLESS I": "i"}
_ARABIC = {"ALEF MAKSURA": "\u064a", "FARSI YEH": "\u064a", "KEHEH": "\u0643", "TEH MARBUTA": "\u0647"}

_NAMES = re.compile(
    r"(?P<script>LATIN|CYRILLIC|GREEK|ARABIC|REGIONAL INDICATOR)(?: (?P<case>SMALL|CAPITAL|SYMBOL))? "
    r"(?:LETTER|LIGATURE) (?:SMALL CAPITAL )?(?P<letter>[A-Z -]+?)(?: WITH .*)?\Z"
)
_FORMATTING = frozenset({"Mn", "Me", "Mc", "Cf"})
# Where letters with look-alikes, marks and invisible signs lie; the rest is ideographs and scripts without either.
_BLOCKS = (
    (0x80, 0x3000), (0xA000, 0xB000), (0xF900, 0x10000), (0x1BC00, 0x1BD00), (0x1D100, 0x1D200), (0x1D400, 0x1D800),
    (0x1F100, 0x1F200), (0xE0000, 0xE01F0),
)  # fmt: skip


def fold(text: str) -> str:
    """Return text in small basic letters, without marks and invisible signs; other signs stay."""
    # Letter tables are slow, and most text is plain: only runs of other letters go through them.
    return _BEYOND_ASCII.sub(_fold_run, text).lower()


def squeeze(folded: str) -> str:
    """Return only the letters and digits of a folded text."""
    return _NO_LETTER.sub("", folded)


def parted_words(text: str) -> str:
    """Return text with words parted that a change of case glues ("hotelMaria"); call it before folding."""
    changes = [m.start() for m in _UPPER.finditer(text) if text[m.start() - 1 : m.start()].islower()]
    return " ".join(text[start:end] for start, end in pairwise([0, *changes, len(text)]))


def _fold_run(run: re.Match[str]) -> str:
    text = unicodedata.normalize("NFKD", run[0]).translate(_BEFORE_CASE).casefold()
    return unicodedata.normalize("NFKD", text).translate(_AFTER_CASE)


def _look(name: str) -> tuple[str, bool] | None:
    """Return what a letter of that name is folded to, and whether that must happen before case is folded."""
    match = _NAMES.search(name)
    if match is None:
        return None
    script, letter = match["script"], match["letter"]
    if script == "GREEK":
        table = _GREEK_CAPITAL if match["case"] == "CAPITAL" else _GREEK_SMALL
        return (table[letter], True) if letter in table and " WITH " not in name else None
    if script in ("CYRILLIC", "ARABIC"):
        table = _CYRILLIC if script == "CYRILLIC" else _ARABIC
        return (table[letter], False) if letter in table and " WITH " not in name else None
    plain = letter if len(letter) == 1 else _LATIN.get(letter, "")
    return (plain.lower(), False) if plain else None


def _tables() -> tuple[dict[int, str | None], dict[int, str | None]]:
    """Return what letters become before and after their case is folded."""
    before: dict[int, str | None] = {}
    after: dict[int, str | None] = dict.fromkeys(map(ord, "\u0640\u115f\u1160\u3164\uffa0"))
    for letter in _LETTERS:
        category = unicodedata.category(letter)
        digit = unicodedata.digit(letter, None)
        found = _look(unicodedata.name(letter, ""))
        if category in _FORMATTING or (category == "Lm" and "\u02b9" <= letter < "\u02e0"):
            after[ord(letter)] = None
        elif digit is not None:
            after[ord(letter)] = str(digit)
        elif found:
            (before if found[1] else after)[ord(letter)] = found[0]
    return before, after


_LETTERS = [chr(code) for start, end in _BLOCKS for code in range(start, end)]
# Runs of other letters are rare if there is at most one in so many characters.
_RARE = 50
_BEYOND_ASCII = re.compile("[^\0-\x7f]+")
_NO_LETTER = re.compile(r"[\W_]+")
_BEFORE_CASE, _AFTER_CASE = _tables()
# Letters above U+FFFF would make this set a thousand times slower; none of them is glued to words by case.
_UPPER = re.compile(f"[A-Z{''.join(c for c in _LETTERS if c.isupper() and ord(c) <= 0xFFFF)}]")
