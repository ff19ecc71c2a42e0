"""A table of telephone calls as an operator hands it over on request: comma-separated, one call a line."""

from __future__ import annotations

import csv
import io
import random

from . import story

_HEAD = ("start_utc", "seconds", "direction", "own_number", "other_number", "name_in_phone", "cell")
_ROWS = 120


def calls(chance: random.Random) -> bytes:
    """Give the calls of the manager's telephone over a week, in order of time."""
    others = [(person.phone, person.alias) for person in story.PEOPLE]
    others += [(story.DRIVER_PHONE, story.DRIVER), ("+44 7700 900700", "Laundry"), ("+44 7700 900701", "")]
    minutes = sorted(chance.randrange(0, 7 * 24 * 60) for _ in range(_ROWS))
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_HEAD)
    for minute in minutes:
        number, name = chance.choice(others)
        written = number.replace(" ", "") if chance.random() < 0.7 else "0" + number[4:].replace(" ", "")
        start = story.moment(minute).strftime("%Y-%m-%dT%H:%M:") + f"{chance.randrange(60):02d}Z"
        seconds = 0 if chance.random() < 0.2 else chance.randrange(4, 900)
        way = chance.choice(("out", "in"))
        cell = f"234-99-{chance.randrange(1000, 1020)}"
        table.writerow((start, seconds, way, story.MANAGER_PHONE.replace(" ", ""), written, name, cell))
    return text.getvalue().encode("utf-8")
