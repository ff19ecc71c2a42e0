"""Arranges what one extractor said for reading: its values, and a recorded position apart from the rest."""

from __future__ import annotations

from dataclasses import dataclass

from evidence import answers
from evidence.items import Metadata

# The names under which the GPS reader gives a position (evidence/metadata/gps.py).
POSITION = (
    ("gps.latitude", "Latitude (degrees)"),
    ("gps.longitude", "Longitude (degrees)"),
    ("gps.altitude_m", "Altitude (metres)"),
    ("gps.datum", "Datum"),
    ("gps.time_utc", "Time of the fix (UTC, as the device wrote it)"),
)


@dataclass(frozen=True)
class Shown:
    """One extractor's answer as the page shows it."""

    row: Metadata
    name: str
    message: str
    position: list[tuple[str, str]]
    values: list[tuple[str, str]]


def shown(row: Metadata) -> Shown:
    """Sort the values by name; a position counts as one only with both coordinates."""
    answer = answers.unseal(row)
    values = {str(name): str(value) for name, value in answer.values.items()}
    has_position = {"gps.latitude", "gps.longitude"} <= set(values)
    position = [(label, values[name]) for name, label in POSITION if name in values] if has_position else []
    return Shown(row, row.extractor.replace("_", " "), answer.message, position, sorted(values.items()))
