"""Hashes and their spelling as text."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import digests
from custody.proof.errors import MalformedError


@given(st.binary(max_size=100))
def test_base64_is_read_back_as_it_was_written(data: bytes) -> None:
    assert digests.unb64(digests.b64(data)) == data


# The bits after the last byte are not zero; Python's own decoder reads all of these.
@pytest.mark.parametrize(
    "text", ["QR==", "QUJ=", "QQ=", "QQ", "QQ==\n", " QQ==", "QQ==QQ==", "Q-__", "QQ=Q", "QÖ=="]
)
def test_a_second_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        digests.unb64(text)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_hash_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(MalformedError):
        digests.unb64_hash(digests.b64(bytes(size)))


def test_a_leaf_can_never_be_taken_for_a_node() -> None:
    left, right = digests.sha256(b"left"), digests.sha256(b"right")
    assert digests.leaf_hash(left + right) != digests.node_hash(left, right)
    assert digests.leaf_hash(b"entry") == hashlib.sha256(b"\x00entry").digest()
    assert digests.node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()


@given(st.binary(max_size=100))
def test_every_key_id_has_the_form_of_a_key_id(spki: bytes) -> None:
    digests.check_keyid(digests.keyid(spki))
    assert len(digests.keyid(spki)) == 43


_KEYID = digests.keyid(b"some key")


@pytest.mark.parametrize(
    "text",
    [
        "",
        _KEYID[:-1],
        _KEYID + "A",
        _KEYID + "=",
        "+" + _KEYID[1:],
        "é" + _KEYID[1:],
        _KEYID[:-1] + "B",
        "\n" + _KEYID,
    ],
)
def test_what_is_not_a_key_id_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        digests.check_keyid(text)
