"""Text from records becomes printable without losing or hiding a character."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.reports.fonts import find_fonts
from custody.reports.printable import LONG_WORD, PIECE, Printer


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer(find_fonts().coverages)


def runs(printer: Printer, text: str) -> list[dict[str, str]]:
    made: Any = printer.printable(text)
    return [{"t": made}] if isinstance(made, str) else made["runs"]


def shown(printer: Printer, text: str) -> str:
    """Put the text together again, characters by number turned back."""
    out = ""
    for run in runs(printer, text):
        out += (
            run.get("t", "")
            + ("\n" if "n" in run else "")
            + (chr(int(run["u"][2:], 16)) if "u" in run else "")
        )
    return out


def test_ordinary_text_stays_a_plain_string(printer: Printer) -> None:
    assert printer.printable("Store 2, shelf 14") == "Store 2, shelf 14"


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\u0007", "\u200e", "\ue000"]
)
def test_a_character_that_hides_or_reorders_is_shown_by_number(printer: Printer, character: str) -> None:
    assert runs(printer, f"a{character}b") == [{"t": "a"}, {"u": f"U+{ord(character):04X}"}, {"t": "b"}]


def test_a_character_that_no_font_has_is_shown_by_number(printer: Printer) -> None:
    assert {"u": "U+1F600"} in runs(printer, "party \U0001f600")


def test_a_lone_surrogate_is_shown_by_number(printer: Printer) -> None:
    assert {"u": "U+D800"} in runs(printer, "x\ud800")


def test_a_mark_that_its_letters_font_lacks_is_shown_by_number(printer: Printer) -> None:
    assert runs(printer, "ก\u0591")[-1] == {"u": "U+0591"}


def test_the_joiner_stays_between_persian_letters_and_is_shown_between_latin_ones(printer: Printer) -> None:
    assert runs(printer, "می\u200cخواهم") == [{"t": "می\u200cخواهم"}]
    assert {"u": "U+200C"} in runs(printer, "a\u200cb")


def test_line_ends_are_marked_so_that_no_text_passes_for_a_line_of_the_form(printer: Printer) -> None:
    assert runs(printer, "x\r\nOutcome: match") == [{"t": "x"}, {"n": ""}, {"t": "Outcome: match"}]


def test_a_long_word_may_break_and_a_short_one_may_not(printer: Printer) -> None:
    pieces = [run["t"] for run in runs(printer, "a" * 300) if "t" in run]
    assert max(map(len, pieces)) <= PIECE and "".join(pieces) == "a" * 300
    assert {"b": ""} not in runs(printer, "ü" * (LONG_WORD - 1))


def test_a_file_name_breaks_after_its_separators(printer: Printer) -> None:
    pieces = [run["t"] for run in runs(printer, "IMG_2026-11-21_evidence.tar.gz") if "t" in run]
    assert pieces == ["IMG_", "2026-", "11-", "21_", "evidence.", "tar.", "gz"]


def test_no_break_separates_a_letter_from_its_mark(printer: Printer) -> None:
    for run in runs(printer, "e\u0301" * 200):
        assert run.get("t", "e").startswith("e")


@pytest.mark.parametrize(
    ("text", "direction", "language"),
    [
        ("(12) مرحبا", "rtl", "und"),
        ("שלום", "rtl", "he"),
        ("日本語テスト", "ltr", "ja"),
        ("디지털", "ltr", "ko"),
        ("漢字", "ltr", "und"),
        ("Київ", "ltr", "und"),
        ("Größe", "ltr", "en"),
    ],
)
def test_direction_and_language_come_from_the_letters(
    printer: Printer, text: str, direction: str, language: str
) -> None:
    made: Any = printer.printable(text)
    assert (made["dir"], made["lang"]) == (direction, language)


@settings(deadline=None, max_examples=300)
@given(text=st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_no_text_loses_a_character(printer: Printer, text: str) -> None:
    lines = text.replace("\r\n", "\n")
    for end in "\r\x0b\x0c\x85\u2028\u2029":
        lines = lines.replace(end, "\n")
    assert shown(printer, text) == lines.replace("\t", " ")
