"""Read all dates in a folded text, so that the leak check can compare them with dates of birth.

Reads rather than generates: the redactor writes a date in all ways it knows, this side takes any three numbers or a
month in words apart. Years of two digits stand for every century.
"""

import re
from collections.abc import Iterator

Date = tuple[int, int, int]

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan enero ene januar janner janvier",
            "february feb febrero februar fevrier",
            "march mar marzo marz maerz mars",
            "april apr abril abr avril",
            "may mayo mai",
            "june jun junio juni juin",
            "july jul julio juli juillet",
            "august aug agosto ago aout",
            "september sep sept septiembre setiembre septembre",
            "october oct octubre oktober okt octobre",
            "november nov noviembre novembre",
            "december dec diciembre dic dezember dez decembre",
        ),
        1,
    )
    for word in words.split()
}
_SIGNS = r"[\W_]{1,5}"
_MAYBE = r"[\W_]{0,5}"
_OF = rf"(?:{_MAYBE}(?:of|de|del))?{_MAYBE}"
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_NUMBERS = re.compile(rf"(?=(?<![0-9])([0-9]{{1,4}}){_SIGNS}([0-9]{{1,2}}){_SIGNS}([0-9]{{1,4}})(?![0-9]))")
_WORDS = (
    re.compile(
        rf"(?<![0-9])(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|o)?{_OF}{_MONTH}{_OF}(?P<year>[0-9]{{2,4}})(?![0-9])"
    ),
    re.compile(
        rf"{_MONTH}{_MAYBE}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{_MAYBE}(?P<year>[0-9]{{2,4}})(?![0-9])"
    ),
    re.compile(rf"(?<![0-9])(?P<year>[0-9]{{4}}){_MAYBE}{_MONTH}{_MAYBE}(?P<day>[0-9]{{1,2}})(?![0-9])"),
)
_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


def registered(folded: str) -> set[Date]:
    """Return the dates that a registered value can mean; it has four digits for the year."""
    iso = _ISO.fullmatch(folded.strip())
    if iso:
        return {(int(iso[1]), int(iso[2]), int(iso[3]))}
    return {date for date in written(folded) if date[0] > 99}


def written(folded: str) -> Iterator[Date]:
    """Yield every date in a folded text, in all orders in which its numbers can be meant."""
    for match in _NUMBERS.finditer(folded):
        first, second, third = (int(number) for number in match.groups())
        for date in ((third, second, first), (third, first, second), (first, second, third)):
            if 1 <= date[1] <= 12 and 1 <= date[2] <= 31:
                yield date
    for expression in _WORDS:
        for match in expression.finditer(folded):
            yield int(match["year"]), _MONTHS[match["month"]], int(match["day"])


def numbers(date: Date) -> set[str]:
    """Return a date in eight digits and in six."""
    year, month, day = f"{date[0]:04}", f"{date[1]:02}", f"{date[2]:02}"
    orders = ((year, month, day), (day, month, year), (month, day, year))
    return {"".join(order) for order in orders} | {
        "".join(order).replace(year, year[2:], 1) for order in orders
    }
