"""Plain text, tables and JSON: what is replaced, what stays, what is refused, and in which words."""

import json
import re

import pytest

from evidence.redaction.leak_check import check
from evidence.redaction.redact import redact, redact_words
from evidence.redaction.registry import Kind, Protected, Remark, Spelling, UnsupportedError, remark_sentence
from tests.evidence.redaction.people import five_victims

REGISTRY = five_victims()
ANA = [Protected("Victim 1", Kind.NAME, "Li An"), Protected("Victim 1", Kind.PHONE, "+34 612 345 678")]


def _copy(text: str | bytes, kind: str, registry: list[Protected] = REGISTRY) -> str:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    redacted = redact(data, kind, registry)
    report = check(redacted.data, redacted.content_type, registry)
    assert report.passed, report.findings
    return redacted.data.decode("utf-8")


def test_a_chat_keeps_everything_but_the_people() -> None:
    chat = "[14/03/21, 10:02] María: call me 612-345-678\n[14/03/21, 10:03] Boss: ok María José González Pérez!!\n"
    expected = "[14/03/21, 10:02] Victim 1: call me Victim 1\n[14/03/21, 10:03] Boss: ok Victim 1!!\n"
    assert _copy(chat, "text/plain") == expected


def test_line_ends_and_the_number_of_lines_stay() -> None:
    text = "one\r\nMaría\r\nGonzález\r\ntwo\n"
    copy = _copy(text, "text/plain")
    assert [line for line in copy.splitlines() if "Victim" not in line and line] == ["one", "two"]
    assert copy.count("\r\n") == 3
    assert len(copy.splitlines()) == len(text.splitlines())


def test_the_same_input_and_registry_give_the_same_bytes() -> None:
    text = "María González, Анна, 王小明, base64 TWFyw61hIEdvbnrDoWxleg== and Fatima".encode()
    copies = {redact(text, "text/plain", registry).data for registry in (REGISTRY, REGISTRY[::-1], REGISTRY)}
    assert len(copies) == 1


def test_hits_carry_kind_spelling_position_and_pseudonym_and_no_text() -> None:
    redacted = redact("x María José González Pérez y María".encode(), "text/plain", REGISTRY)
    whole, part = redacted.hits
    assert (whole.pseudonym, whole.kind, whole.spelling, whole.position) == (
        "Victim 1",
        "name",
        Spelling.STRONG,
        2,
    )
    assert (part.spelling, part.position) == (Spelling.TOKEN, 30)
    assert "Mar" not in json.dumps([hit.to_json() for hit in redacted.hits])


def test_two_victims_who_share_a_name_are_both_named_by_pseudonym() -> None:
    registry = [
        Protected("Victim 4", Kind.NAME, "Duong Thi Mai"),
        Protected("Victim 9", Kind.NAME, "Duong Van Hai"),
    ]
    assert _copy("Duong was there", "text/plain", registry) == "Victim 4 / Victim 9 was there"
    assert _copy("Duong Thi Mai was there", "text/plain", registry) == "Victim 4 was there"


def test_a_pseudonym_that_was_there_before_is_remarked() -> None:
    redacted = redact(b"VICTIM  1 was seen with Anna", "text/plain", REGISTRY)
    assert f"{Remark.PSEUDONYM_COLLISION}: Victim 1" in redacted.remarks
    assert remark_sentence(redacted.remarks[0]).startswith("Victim 1: The original itself")
    assert redact(b"Anna was seen", "text/plain", REGISTRY).remarks == []


def test_every_remark_has_a_sentence() -> None:
    assert all(remark_sentence(remark).endswith(".") for remark in Remark)


def test_an_alias_that_is_a_common_word_is_replaced_and_marked_as_whole_word_only() -> None:
    registry = [Protected("Victim 2", Kind.ALIAS, "Rose")]
    assert (
        _copy("Rose and rosebud and Rosenberg", "text/plain", registry)
        == "Victim 2 and rosebud and Rosenberg"
    )


@pytest.mark.parametrize("text", ["is a", "in a", "and rea", "to m", "her man", "Brazilian", "an a"])
def test_words_that_only_together_spell_a_name_part_stay(text: str) -> None:
    registry = [
        Protected("Victim 2", Kind.NAME, f"{name} Quixada")
        for name in ("Isa", "Ina", "Andrea", "Tom", "Herman", "Ana")
    ]
    assert _copy(f"It {text} sentence", "text/plain", registry) == f"It {text} sentence"


def test_digests_and_identifiers_of_machines_keep_their_letters() -> None:
    registry = [Protected("Victim 2", Kind.NAME, "Ada Dee"), Protected("Victim 2", Kind.ALIAS, "Bea")]
    codes = (
        "550e8400-e29b-4ada-a716-4466554bea00",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0ada8",
        "3Ada7Kx0Bea9QmZ5vT1nYw2RcL8dPf6Hs4Gj0Uo+iEk=",
    )
    text = " ".join(codes)
    assert _copy(text, "text/plain", registry) == text


def test_opaque_data_inside_a_text_is_withheld() -> None:
    picture = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT"
    redacted = redact(f"<img src='data:image/jpeg;base64,{picture}'>".encode(), "text/plain", REGISTRY)
    assert picture[:20].encode() not in redacted.data
    assert b"[withheld]" in redacted.data
    assert Remark.EMBEDDED_DATA_WITHHELD in redacted.remarks


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_utf8_utf16_and_western_texts_are_read(encoding: str) -> None:
    copy = _copy("Señora María González llamó a las 10.\nY otra línea más.\n".encode(encoding), "text/plain")
    assert copy == "Señora Victim 1 llamó a las 10.\nY otra línea más.\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Анна Иванова живёт здесь".encode("cp1251"), "neither UTF-8 nor UTF-16"),
        ("王小明住在這裡嗎".encode("big5"), "neither UTF-8 nor UTF-16"),
        ("Дорогая Анна Сергеевна".encode("koi8-r"), "neither UTF-8 nor UTF-16"),
        ("住所は東京".encode("iso2022_jp"), "not text"),
        (b"\x00\x01\x02\x03" * 40, "not text"),
        (b"Maria Gonzalez\0 and a stray zero", "not text"),
        (b"Maria Gonzalez and a stray zero\0", "not text"),
        (b"\xff\xfeMaria Gonzalez under a false mark", "not text"),
        (b"\xfe\xffMaria Gonzalez under a false mark", "not text"),
        (b"%PDF-1.7 Maria", "not text"),
        (b"{\\rtf1 Mar\\'eda}", "not text"),
        (b"", "empty"),
        *((mark, "no text") for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")),
    ],
)
def test_what_cannot_be_read_with_certainty_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words) as refusal:
        redact(data, "text/plain", REGISTRY)
    assert refusal.value.reason.endswith(".")


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/gif", "video/mp4", "text/html", "application/zip", ""]
)
def test_other_types_are_refused_in_words(kind: str) -> None:
    with pytest.raises(UnsupportedError, match="cannot be redacted yet"):
        redact(b"x", kind, REGISTRY)


def test_mixed_encodings_are_read_line_by_line_and_remarked() -> None:
    data = "María in UTF-8\n".encode() + "María in Latin\n".encode("latin-1")
    redacted = redact(data, "text/plain", REGISTRY)
    assert redacted.data == b"Victim 1 in UTF-8\nVictim 1 in Latin\n"
    assert Remark.MIXED_ENCODINGS in redacted.remarks


def test_a_table_keeps_its_rows_and_columns() -> None:
    table = (
        'first,last,"phone, home",note\nMaría,González,612 345 678,"says ""hi"" to María"\nBob,Stone,1,2\n'
    )
    copy = _copy(table, "text/csv")
    assert copy == (
        'first,last,"phone, home",note\nVictim 1,Victim 1,Victim 1,"says ""hi"" to Victim 1"\nBob,Stone,1,2\n'
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_headers_of_a_table_are_redacted_with_every_separator(separator: str) -> None:
    table = separator.join(["id", "María González", "x"]) + "\n" + separator.join(["1", "2", "3"]) + "\n"
    assert (
        _copy(table, "text/csv")
        == separator.join(["id", "Victim 1", "x"]) + "\n" + separator.join("123") + "\n"
    )


def test_a_name_spread_over_cells_is_found_though_its_parts_are_too_short() -> None:
    assert _copy("first,last,age\nLi,An,20\n", "text/csv", ANA) == "first,last,age\nVictim 1,Victim 1,20\n"


def test_json_keys_values_numbers_and_escapes_are_redacted_and_the_rest_is_untouched() -> None:
    document = (
        '{"Mar\\u00eda": [1.50, 612345678, "x\\u0041"], "a": {"González": null, "b": "\\/9 Anna"}, "a": true}'
    )
    copy = _copy(document, "application/json")
    assert (
        copy
        == '{"Victim 1": [1.50, "Victim 1", "x\\u0041"], "a": {"Victim 1": null, "b": "/9 Victim 3"}, "a": true}'
    )


def test_a_name_spread_over_json_strings_is_found() -> None:
    assert _copy('["Li","An"]', "application/json", ANA) == '["Victim 1","Victim 1"]'


def test_json_lines_are_read() -> None:
    assert _copy('{"a":"Anna"}\n{"b":1}\n', "application/json") == '{"a":"Victim 3"}\n{"b":1}\n'


@pytest.mark.parametrize("text", ["{", "hello", '{"a":}', "[" * 100_000 + "]" * 100_000])
def test_what_is_no_json_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnsupportedError, match="JSON"):
        redact(text.encode(), "application/json", REGISTRY)


def test_a_file_name_is_redacted_as_words() -> None:
    assert redact_words("IMG_Maria_Gonzalez_2021.jpg", REGISTRY) == "IMG_Victim 1_2021.jpg"


def test_the_registry_never_shows_in_representations() -> None:
    assert "María" not in repr(REGISTRY)
    with pytest.raises(ValueError, match="pseudonym") as error:
        Protected('Vic"tim', Kind.NAME, "Maria Secret")
    assert "Secret" not in str(error.value)


def test_a_birthday_with_a_two_digit_year_at_the_end_of_a_sentence_is_found() -> None:
    assert _copy("She was born 14.3.98. Then", "text/plain") == "She was born Victim 1. Then"


def test_labels_do_not_run_into_letters_beside_them() -> None:
    assert re.fullmatch(
        r"Victim 1 2 and hotel Victim 1 Beach", _copy("Maria2 and hotelMariaBeach", "text/plain")
    )
