"""The one byte string of a value, and nothing but it, is read."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import canonical
from custody.proof.errors import MalformedError
from tests import corpus

_NAMES = ("arrays", "french", "structures", "unicode", "values", "weird")
# Outside our profile: null; names that are not ASCII; floats and null; names that are not ASCII.
_OUTSIDE = ("arrays", "french", "values", "weird")

_values = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_all_published_pairs_are_written_as_rfc_8785_demands() -> None:
    wrong = []
    for name in _NAMES:
        value = json.loads(corpus.path(f"vectors/jcs/input/{name}.json").read_bytes())
        wanted = corpus.path(f"vectors/jcs/output/{name}.json").read_bytes()
        assert bytes.fromhex(corpus.path(f"vectors/jcs/outhex/{name}.txt").read_text()) == wanted
        if rfc8785.dumps(value) != wanted:
            wrong.append(name)
    assert wrong == []


def test_published_pairs_within_our_profile_are_read_and_the_others_refused() -> None:
    for name in _NAMES:
        wanted = corpus.path(f"vectors/jcs/output/{name}.json").read_bytes()
        if name in _OUTSIDE:
            with pytest.raises(MalformedError):
                canonical.loads(wanted)
        else:
            assert canonical.dumps(canonical.loads(wanted)) == wanted


@given(_values)
def test_what_is_written_is_what_an_independent_writer_of_rfc_8785_writes(value: canonical.JSON) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("block", range(0, 0x11_0000, 0x8000))
def test_every_character_is_written_as_an_independent_writer_writes_it(block: int) -> None:
    """All of Unicode, each alone between two letters: escapes, separators of lines, the last plane."""
    texts = [f"a{chr(point)}b" for point in range(block, block + 0x8000) if not 0xD800 <= point < 0xE000]
    assert canonical.dumps(texts) == rfc8785.dumps(texts)


def test_every_name_of_one_character_sorts_as_an_independent_writer_sorts_it() -> None:
    names = {chr(point): point for point in reversed(range(128))} | {"": 1, "aa": 2, "a": 3, "a\0": 4}
    assert canonical.dumps(names) == rfc8785.dumps(names)


@given(_values)
def test_what_is_written_is_read_back(value: canonical.JSON) -> None:
    assert canonical.loads(canonical.dumps(value)) == value


@given(_values, st.data())
def test_no_other_bytes_are_read_as_the_same_value(value: canonical.JSON, data: st.DataObject) -> None:
    written = bytearray(canonical.dumps(value))
    written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = canonical.loads(bytes(written))
    except MalformedError:
        return
    assert canonical.dumps(read) == bytes(written)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{} ",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"9007199254740992",
        b"1" + b"0" * 5000,
        b"null",
        b"[null]",
        b"NaN",
        b"-Infinity",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        '{"ö":1}'.encode(),
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_bytes_outside_the_profile_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        canonical.loads(data)


@pytest.mark.parametrize(
    "value",
    [1.0, None, b"bytes", 2**53, -(2**53), "\ud800", ["\udfff"], {1: 2}, {"ö": 1}, {"a": {2}}, float("nan")],
)
def test_values_outside_the_profile_are_not_written(value: object) -> None:
    with pytest.raises(MalformedError):
        canonical.dumps(value)  # type: ignore[arg-type]


def test_a_value_that_will_stand_inside_others_may_be_nested_less() -> None:
    value: canonical.JSON = "leaf"
    for _ in range(canonical.MAX_DEPTH):
        value = [value]
    canonical.dumps(value)
    with pytest.raises(MalformedError):
        canonical.dumps(value, inside=1)
