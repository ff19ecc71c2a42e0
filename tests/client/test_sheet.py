"""Exhibit sheets from JSON and CSV: what applies to which file, and every mistake told."""

import json
from pathlib import Path

import pytest

from custody.client.errors import SheetError
from custody.client.sheet import build, load, recorded
from custody.client.source_files import SourceFile

COMMON = {
    "file": "*",
    "exhibit_number": "AB/{n}",
    "seal_number": "S{n}",
    "category": "documents",
    "item_class": "general",
    "acquired_by": " A. Person ",
    "acquired_at": "2026-03-10T09:30:00+02:00",
}


def source(relative: str) -> SourceFile:
    return SourceFile(Path("/somewhere") / relative, relative, 12, 1)


def test_the_common_row_counts_and_a_files_own_row_wins() -> None:
    sheet = build(
        [COMMON, {"file": "x.txt", "exhibit_number": "SPECIAL", "make": "Example", "md5": "A" * 32}]
    )
    assert sheet.form(source("sub/y.txt"), 7)["exhibit_number"] == "AB/7"
    own = sheet.form(source("x.txt"), 8)
    assert own["exhibit_number"] == "SPECIAL"
    assert own["seal_number"] == "S8"
    assert own["source"] == {"make": "Example"}
    assert own["declared"] == {"md5": "a" * 32}
    assert (own["filename"], own["size"], own["quantity"]) == ("x.txt", 12, 1)


def test_a_file_without_row_and_a_row_without_file_are_told() -> None:
    sheet = build([{"file": "x.txt", "exhibit_number": "1"}, {"file": "lost.txt", "exhibit_number": "2"}])
    with pytest.raises(SheetError, match="no line for this file"):
        sheet.form(source("y.txt"), 1)
    assert sheet.without_file([source("x.txt")]) == ["lost.txt"]


def test_the_record_has_to_state_the_sheet_trimmed_and_in_utc() -> None:
    stated = recorded(build([COMMON]).form(source("x"), 1))
    assert stated["acquired_by"] == "A. Person"
    assert stated["acquired_at"] == "2026-03-10T07:30:00Z"
    assert "tool" not in stated
    assert "source" not in stated


@pytest.mark.parametrize("value", ["", "yesterday", "2026-03-10T09:30:00"])
def test_a_time_without_offset_is_refused_before_anything_is_sent(value: str) -> None:
    with pytest.raises(SheetError, match="When it was acquired"):
        recorded(build([{**COMMON, "acquired_at": value}]).form(source("x"), 1))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"file": "x", "colour": "red"}, "unknown fields: colour"),
        ({"exhibit_number": "1"}, "for which file"),
        ({"file": "*", "source": {"colour": "red"}}, "described by make"),
        ({"file": "*", "description": ["list"]}, "neither text"),
        ({"file": "*", "quantity": "two"}, "not a whole number"),
    ],
)
def test_mistakes_in_rows_are_told(row: dict[str, object], told: str) -> None:
    with pytest.raises(SheetError, match=told):
        build([row]).form(source("x"), 1)


def test_two_rows_for_one_file_are_refused() -> None:
    with pytest.raises(SheetError, match="two lines for x"):
        build([{"file": "x"}, {"file": "x"}])


def test_csv_and_json_sheets_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        "file,exhibit_number,quantity,make\n*,AB/{n},2,Example\nx.txt,,,\n", encoding="utf-8-sig"
    )
    rows = [{"file": "*", "exhibit_number": "AB/{n}", "quantity": 2, "make": "Example"}, {"file": "x.txt"}]
    (tmp_path / "sheet.json").write_text(json.dumps(rows))
    assert load(tmp_path / "sheet.csv").form(source("x.txt"), 3) == load(tmp_path / "sheet.json").form(
        source("x.txt"), 3
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("s.json", b"{}", "JSON list"),
        ("s.json", b"[", "not JSON"),
        ("s.csv", b"file,make\nx\n", "as many fields"),
        ("s.csv", b"file\nx,y\n", "as many fields"),
        ("s.csv", b"\xff\xfe", "not UTF-8"),
    ],
)
def test_sheets_that_cannot_be_read_are_told(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SheetError, match=told):
        load(tmp_path / name)


def test_a_missing_sheet_is_told(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="cannot be read"):
        load(tmp_path / "none.csv")
