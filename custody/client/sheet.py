"""Exhibit sheets: what the examiner writes down about each file, from a JSON or CSV file.

A row with the file name `*` holds what is common to all; `{n}` in its exhibit and seal number counts the
files. A file without a row, a row without a file and a column nobody knows are told, never skipped. The
server decides whether the content is sufficient.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from custody.proof.canonical import JSON

from .errors import SheetError
from .server import Answer
from .source_files import SourceFile, name_to_send, visible

# Free texts of the form, as the record repeats them; the others are checked one by one.
_TEXTS = (
    "description",
    "condition",
    "acquired_by",
    "acquired_where",
    "method",
    "tool",
    "tool_version",
    "write_blocker",
    "seal_number",
    "seal_condition",
    "changes",
    "location",
)
_FIELDS = {*_TEXTS, "exhibit_number", "category", "item_class", "acquired_at", "quantity"}
_SOURCE = ("make", "model", "serial", "marks")
_DIGESTS = {"sha256", "md5", "sha1"}
_COUNTED = ("exhibit_number", "seal_number")
_ALL = "*"
# A sheet of a hundred thousand files fits; a disk image given by mistake does not.
_MAX_SHEET = 64 << 20

Row = dict[str, object]


@dataclass(frozen=True)
class Sheet:
    """Rows by file name or path within the folder; `common` applies to all files."""

    rows: Mapping[str, Row]
    common: Row

    def form(self, source: SourceFile, number: int) -> Answer:
        """Give the upload form of one file. Raises SheetError if no row applies."""
        row = self.rows.get(source.relative) or self.rows.get(source.path.name)
        if row is None and not self.common:
            raise SheetError("The exhibit sheet has no line for this file.")
        values: Row = {**self.common, **(row or {})}
        for field in _COUNTED:
            if isinstance(values.get(field), str):
                values[field] = str(values[field]).replace("{n}", str(number))
        form: Answer = {name: _text(values[name]) for name in sorted(_FIELDS & set(values))}
        form["quantity"] = _whole_number(str(values.get("quantity", 1)))
        form["source"] = _source(values)
        form["declared"] = {name: str(values[name]).lower() for name in sorted(_DIGESTS & set(values))}
        form["filename"], form["size"] = name_to_send(source.path), source.size
        return form

    def without_file(self, sources: list[SourceFile]) -> list[str]:
        """Name the rows for which there is no file."""
        found = {name for source in sources for name in (source.relative, source.path.name)}
        return sorted(set(self.rows) - found)


def recorded(form: Answer) -> dict[str, JSON]:
    """Give the sheet as the record has to state it: trimmed, in UTC, without what was not filled in."""
    try:
        acquired = datetime.fromisoformat(str(form.get("acquired_at", "")))
    except ValueError as error:
        raise SheetError(
            "When it was acquired must be a date and time like 2026-05-04T09:30:00+02:00."
        ) from error
    if acquired.tzinfo is None:
        raise SheetError(
            "When it was acquired must carry its offset from UTC, like 2026-05-04T09:30:00+02:00."
        )
    stated: dict[str, JSON] = {name: str(form[name]) for name in _TEXTS if form.get(name)}
    stated["quantity"] = int(form["quantity"])
    stated["acquired_at"] = acquired.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if form["source"]:
        stated["source"] = form["source"]
    return stated


def _source(values: Row) -> dict[str, str]:
    given = values.get("source", {})
    if not isinstance(given, dict) or set(given) - set(_SOURCE):
        raise SheetError(
            f"The source of an exhibit is described by {', '.join(_SOURCE)}, and by nothing else."
        )
    found = {**given, **{name: values[name] for name in _SOURCE if name in values}}
    return {name: _text(value) for name, value in found.items() if _text(value)}


def _text(value: object) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise SheetError("A field of the exhibit sheet is neither text nor a whole number.")
    return str(value).strip()


def load(path: Path) -> Sheet:
    """Read a sheet. Raises SheetError with the place of the mistake."""
    try:
        if path.stat().st_size > _MAX_SHEET:
            raise SheetError(f"{path} is too large for an exhibit sheet.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SheetError(f"The exhibit sheet {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SheetError(f"The exhibit sheet {path} is not UTF-8 text.") from error
    rows = _from_json(text) if path.suffix.lower() == ".json" else _from_csv(text)
    return build(rows)


def build(rows: list[Row]) -> Sheet:
    """Make a sheet of rows, each with a member `file`."""
    by_file: dict[str, Row] = {}
    for number, row in enumerate(rows, start=1):
        unknown = set(row) - _FIELDS - {*_SOURCE} - _DIGESTS - {"file", "source"}
        if unknown:
            raise SheetError(
                f"Line {number} of the exhibit sheet has unknown fields: {', '.join(sorted(unknown))}."
            )
        name = row.get("file")
        if not isinstance(name, str) or not name:
            raise SheetError(f"Line {number} of the exhibit sheet does not say for which file it is.")
        if name in by_file:
            raise SheetError(f"The exhibit sheet has two lines for {visible(name)}.")
        by_file[name] = {field: value for field, value in row.items() if field != "file"}
    common = by_file.pop(_ALL, {})
    return Sheet(by_file, common)


def _from_json(text: str) -> list[Row]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise SheetError(f"The exhibit sheet is not JSON: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SheetError("The exhibit sheet must be a JSON list with one object for each file.")
    return rows


def _from_csv(text: str) -> list[Row]:
    rows: list[Row] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="more", strict=True)
    try:
        for line in reader:
            if "more" in line or None in line.values():
                raise SheetError(
                    f"Line {reader.line_num} of the exhibit sheet has not as many fields as the head."
                )
            rows.append({name: value for name, value in line.items() if value != ""})
    except csv.Error as error:
        raise SheetError(f"Line {reader.line_num} of the exhibit sheet: {error}.") from error
    return rows


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise SheetError(f"The exhibit sheet's quantity {visible(text)!r} is not a whole number.")
    return int(text)
