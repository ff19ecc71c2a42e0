"""Arranges what one extractor said for reading: a position and the check of an image apart from its other values."""

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
# What the reader of disk images says of its check (evidence/metadata/verification.py), in the order of a reader.
CHECK = (
    ("verification", "Verdict"),
    ("chunks.stated", "Chunks, as the image states"),
    ("chunks.sound", "Chunks found sound"),
    ("chunks.sound.in_this_segment", "Chunks found sound in this file of the set"),
    ("chunks.damaged", "Chunks damaged"),
    ("chunks.damaged.in_this_segment", "Chunks damaged in this file of the set"),
    ("chunks.damaged.list", "Damaged, counted from 0"),
    ("chunks.damaged.list.in_this_segment", "Damaged, counted from 0 in this file"),
    ("stored.md5", "MD5 of the content, as stored in the image"),
    ("contained.computed.md5", "MD5 of the content, computed"),
    ("stored.sha1", "SHA-1 of the content, as stored in the image"),
    ("contained.computed.sha1", "SHA-1 of the content, computed"),
    ("contained.computed.sha256", "SHA-256 of the content, computed"),
)


@dataclass(frozen=True)
class Shown:
    """One extractor's answer as the page shows it."""

    row: Metadata
    name: str
    message: str
    position: list[tuple[str, str]]
    check: list[tuple[str, str]]
    values: list[tuple[str, str]]


def shown(row: Metadata) -> Shown:
    """Sort the values by name; a position counts as one only with both coordinates, a check with its verdict."""
    answer = answers.unseal(row)
    values = {str(name): str(value) for name, value in answer.values.items()}
    has_position = {"gps.latitude", "gps.longitude"} <= set(values)
    position = [(label, values[name]) for name, label in POSITION if name in values] if has_position else []
    check = (
        [(label, values[name]) for name, label in CHECK if name in values] if CHECK[0][0] in values else []
    )
    return Shown(
        row, row.extractor.replace("_", " "), answer.message, position, check, sorted(values.items())
    )
