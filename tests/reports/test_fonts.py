"""The fonts of the report are there, hold what they should, and are missed in words."""

from pathlib import Path

import pytest

from custody.reports.fonts import FAMILIES, FontError, find_fonts, read_characters

SAMPLES = {
    "Noto Sans": "Aéß Ωж„“",
    "Noto Naskh Arabic": "مرحبا",
    "Noto Sans Hebrew": "שלום",
    "Noto Sans Devanagari": "नमस्ते",
    "Noto Sans Thai": "สวัสดี",
    "Noto Sans S Chinese": "公安部證據",
    "Noto Sans Japanese": "証拠デジタル",
    "Noto Sans Korean": "디지털",
}


def test_every_family_holds_the_letters_of_its_script() -> None:
    coverages = dict(zip(FAMILIES, find_fonts().coverages, strict=True))
    for family, text in SAMPLES.items():
        assert {ord(each) for each in text} <= coverages[family], family


def test_missing_fonts_are_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FontError) as caught:
        find_fonts(tmp_path)
    for package in (
        "@embedpdf/fonts-latin",
        "@embedpdf/fonts-sc",
        "@expo-google-fonts/noto-sans-thai",
        "npm ci",
    ):
        assert package in str(caught.value)


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    for data in (b"", b"\x00\x01\x00\x00\x00\x01" + bytes(6), b"\x00\x01\x00\x00\x00\x01" + bytes(40)):
        broken.write_bytes(data)
        with pytest.raises(FontError):
            read_characters(broken)
