"""Values are short, printable and of a form that the ledger can commit to."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import canonical
from evidence.metadata.outcome import Outcome
from evidence.metadata.table import MAX_TEXT, MAX_VALUES, Table, fits, visible


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain", "plain"),
        ("a\0b", "a⟨U+0000⟩b"),
        ("a\r\nb\tc", "a⟨U+000D⟩⟨U+000A⟩b⟨U+0009⟩c"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("invoice\u202efdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("\ud800", "⟨U+D800⟩"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("line\u2028end", "line⟨U+2028⟩end"),
        ("\ufdd0\U0010ffff", "⟨U+FDD0⟩⟨U+10FFFF⟩"),
        ("Zoë Šimůnek 名字 🙂", "Zoë Šimůnek 名字 🙂"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_what_a_page_would_hide_is_written_out(given_text: str, shown: str) -> None:
    assert visible(given_text) == shown


@given(st.text())
def test_visible_text_is_printable_and_stays_the_same(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert all(unicodedata.category(char)[0] != "C" or char in "\u200c\u200d" for char in shown)


@given(st.dictionaries(st.text(max_size=400), st.text(max_size=3000) | st.integers(), max_size=8))
def test_every_value_fits_and_can_be_committed_to(values: dict[str, str | int]) -> None:
    table = Table()
    table.put_all("", values)
    answer = table.answer(empty="Nothing.")
    assert len(answer["values"]) == len(values)
    for name, value in answer["values"].items():
        assert fits(name, value)
    canonical.dumps(answer)


def test_a_long_value_is_cut_and_the_cut_is_reported() -> None:
    table = Table()
    table.put("short", "x" * MAX_TEXT)
    table.put("long", "x" * (MAX_TEXT + 1))
    table.put("grows", "\0" * MAX_TEXT)
    assert table.values["short"] == "x" * MAX_TEXT
    assert str(table.values["long"]).endswith(f"... [cut, {MAX_TEXT + 1} characters in all]")
    assert table.message() == "2 long values are shown in part."


def test_values_beyond_the_limit_are_counted() -> None:
    table = Table()
    for number in range(MAX_VALUES + 3):
        table.put(f"value {number}", number)
    assert len(table.values) == MAX_VALUES
    assert table.message() == "3 further values are not shown."


def test_two_values_of_one_name_are_both_kept() -> None:
    table = Table()
    table.put("name", "first")
    table.put("name", "second")
    assert table.values == {"name": "first", "name (2)": "second"}


def test_a_number_that_a_browser_would_round_becomes_text() -> None:
    table = Table()
    table.put("large", 2**53)
    table.put("huge", 10**5000)
    assert table.values["large"] == "9007199254740992"
    assert table.values["huge"] == f"a number of {(10**5000).bit_length()} bits"


def test_an_empty_table_says_what_was_not_there() -> None:
    table = Table()
    table.remark("But look here.")
    answer = table.answer(empty="No values.")
    assert answer == {"outcome": Outcome.NOTHING, "values": {}, "message": "No values. But look here."}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (1, "x"),
        ("x", None),
        ("x", 1.5),
        ("x", True),
        ("x", 2**53),
        ("x", ["x"]),
        ("x", "a\0b"),
        ("x", "x" * 3000),
        ("a\0b", "x"),
        ("naïve", "x"),
        ("x" * 300, "x"),
    ],
)
def test_a_pair_of_another_form_does_not_fit(name: object, value: object) -> None:
    assert not fits(name, value)
