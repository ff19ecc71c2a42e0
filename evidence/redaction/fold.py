"""Fold text to the letters and digits that are searched, one original character at a time.

Each character gives zero or more folded ones, so a place in the folded text can be traced back. Case, diacritics,
Unicode forms, look-alike letters and the digits of all scripts fall together. Nothing is searched here.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from evidence.redaction.lookalikes import AFTER_CASE, BEFORE_CASE

# "NEGATIVE SQUARED LATIN CAPITAL LETTER M", "LATIN SMALL LETTER L WITH STROKE", "REGIONAL INDICATOR SYMBOL LETTER M"
_NAMED_LETTER = re.compile(
    r"(?:.* )?(?:LATIN|REGIONAL INDICATOR) (?:.* )?LETTER (?:SMALL CAPITAL )?([A-Z])(?: WITH .*)?"
)

# Signs that have no width of their own: they stand between letters without parting them.
_INVISIBLE_CATEGORIES = frozenset({"Mn", "Me", "Mc", "Cf"})

# A name of this many ambiguous letters is written in one case in practice; mixtures beyond it are not enumerated.
_MAX_SPELLINGS = 64

# Scripts without spaces between words; a word boundary says nothing there.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]"
)


class Squeezed(dict[str, str]):
    """Character to folded letters and digits; everything else folds to nothing."""

    def __missing__(self, character: str) -> str:
        folded = _fold(character)
        self[character] = folded
        return folded


class Spaced(dict[str, str]):
    """Like Squeezed, but what stands between words folds to a space."""

    def __missing__(self, character: str) -> str:
        folded = SQUEEZED[character] or ("" if is_invisible(character) else " ")
        self[character] = folded
        return folded


def squeeze(text: str) -> str:
    """Return the letters and digits of text as they are searched."""
    return "".join(map(SQUEEZED.__getitem__, text))


def spellings(value: str) -> set[str]:
    """Return every squeezed form of value whose letters fold differently by case (Greek look-alikes)."""
    choices = [sorted({squeeze(form) for form in (c, c.upper(), c.lower())}) for c in value]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > _MAX_SPELLINGS:
        return {squeeze(form) for form in (value, value.upper(), value.lower(), value.title())}
    return {"".join(form) for form in product(*choices)}


def is_unspaced(text: str) -> bool:
    """Whether text is written in a script that puts no spaces between words."""
    return _UNSPACED.search(text) is not None


@lru_cache(maxsize=4096)
def is_invisible(character: str) -> bool:
    """Whether a character takes no room between two letters."""
    return unicodedata.category(character) in _INVISIBLE_CATEGORIES or (
        character.isalnum() and not SQUEEZED[character]
    )


def _fold(character: str) -> str:
    return "".join(_fold_simple(c) for c in unicodedata.normalize("NFKD", character))


def _fold_simple(character: str) -> str:
    if character in BEFORE_CASE:
        return BEFORE_CASE[character]
    folded = []
    for plain in unicodedata.normalize("NFKD", character.casefold()):
        if plain in AFTER_CASE:
            folded.append(AFTER_CASE[plain])
        elif plain.isascii():
            folded.append(plain if plain.isalnum() else "")
        else:
            folded.append(_fold_other(plain))
    return "".join(folded)


def _fold_other(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    named = _NAMED_LETTER.fullmatch(unicodedata.name(character, ""))
    if named:
        return named.group(1).lower()
    return character if character.isalnum() else ""


SQUEEZED = Squeezed()
SPACED = Spaced()
