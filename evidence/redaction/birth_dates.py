"""A date of birth in the ways people write it: as patterns over folded text (fold.SPACED).

Knows numeric orders with any separator and months in English, Spanish, German and French. It does not know other
calendars, ages, or a birthday without its year.
"""

import re
from dataclasses import dataclass

from evidence.redaction.fold import SPACED

# Folded spellings: no capitals, no diacritics.
_MONTHS = (
    "january jan enero ene januar jaenner janner janvier janv",
    "february feb febrero februar feber fevrier fevr", "march mar marzo marz maerz mrz mars",
    "april apr abril abr avril avr", "may mayo mai", "june jun junio juni juin",
    "july jul julio juli juillet juil", "august aug agosto ago aout",
    "september sept sep septiembre setiembre set septembre", "october oct octubre oktober okt octobre",
    "november nov noviembre novembre", "december dec diciembre dic dezember dez decembre",
)  # fmt: skip
_GAP = " {1,6}"
_LOOSE = " {0,6}"
# "14th of March", "14 de marzo", "1er mars"
_ORDINAL = rf"(?:{_LOOSE}(?:st|nd|rd|th|ten|er|o|a))?{_LOOSE}(?:(?:of|de|del|the){_GAP})?"


@dataclass(frozen=True)
class BirthDate:
    """One reading of a registered date."""

    year: int
    month: int
    day: int


def readings(value: str) -> list[BirthDate]:
    """Return every date that a registered value can mean; an empty list if it is not a date."""
    text = "".join(map(SPACED.__getitem__, value)).strip()
    words = text.split()
    if len(words) == 1 and len(text) == 8 and text.isdigit():
        words = (
            [text[:4], text[4:6], text[6:]] if text[:2] in ("19", "20") else [text[:2], text[2:4], text[4:]]
        )
    numbers = [int(word) for word in words if word.isdigit()]
    months = [place for place, names in enumerate(_MONTHS, 1) for word in words if word in names.split()]
    if len(months) == 1:
        numbers += [int(n) for word in words for n in re.findall(r"^(\d+)(?:st|nd|rd|th)$", word)]
        years, days = [n for n in numbers if n > 31], [n for n in numbers if 1 <= n <= 31]
        return [BirthDate(years[0], months[0], days[0])] if len(years) == len(days) == 1 else []
    if len(numbers) != 3 or len(words) != 3:
        return []
    return _numeric(*numbers)


def pattern(date: BirthDate) -> str:
    """Return a regular expression for the date in numbers with separators or with its month in words."""
    year = f"(?:{date.year // 100:02})?{date.year % 100:02}(?![0-9])"
    full_year = f"{date.year:04}"
    first_year = f"(?:{full_year}|{date.year % 100:02})"
    day, month = f"0?{date.day}", f"0?{date.month}"
    word = f"(?:{'|'.join(sorted(_MONTHS[date.month - 1].split(), key=len, reverse=True))})"
    forms = (
        f"{day}{_GAP}{month}{_GAP}{year}",
        f"{month}{_GAP}{day}{_GAP}{year}",
        f"{first_year}{_GAP}{month}{_GAP}{day}(?![0-9])",
        f"{day}{_ORDINAL}{word}{_LOOSE}(?:(?:of|de|del){_GAP})?{year}",
        f"{word}{_LOOSE}{day}{_ORDINAL}{year}",
        f"{full_year}{_LOOSE}{word}{_LOOSE}{day}(?![0-9])",
    )
    return f"(?<![0-9])(?:{'|'.join(forms)})"


def compact(date: BirthDate) -> set[str]:
    """Return the forms of eight and six digits, which are searched like any other number."""
    day, month = f"{date.day:02}", f"{date.month:02}"
    years = f"{date.year:04}", f"{date.year % 100:02}"
    return {form for y in years for form in (y + month + day, day + month + y, month + day + y)}


def _numeric(first: int, second: int, third: int) -> list[BirthDate]:
    """A number above 31 is the year; where day and month could be exchanged, both are meant."""
    if first > 31:
        pairs = [(second, third)]
        year = first
    elif third > 31:
        pairs = [(second, first), (first, second)]
        year = third
    else:
        return []
    return [
        BirthDate(year, month, day)
        for month, day in dict.fromkeys(pairs)
        if 1 <= month <= 12 and 1 <= day <= 31
    ]
