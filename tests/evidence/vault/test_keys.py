"""Data keys under case keys."""

from uuid import UUID, uuid4

import pytest

from evidence.vault.errors import KeyDestroyedError, KeyMissingError, KeyRefusedError
from evidence.vault.keys import CaseKeys, new_data_key

CASE = UUID("0b6f0e9e-2f3c-4a62-9d2c-1b1a3f9d8c11")


def test_a_wrapped_data_key_comes_back(case_keys: CaseKeys) -> None:
    case_keys.ensure(CASE)
    key = new_data_key()
    wrapped = case_keys.wrap(CASE, key)
    assert len(wrapped) == 40
    assert key not in wrapped
    assert case_keys.unwrap(CASE, wrapped) == key
    assert case_keys.cases() == [CASE]


def test_ensuring_twice_keeps_the_first_key(case_keys: CaseKeys) -> None:
    case_keys.ensure(CASE)
    wrapped = case_keys.wrap(CASE, bytes(32))
    case_keys.ensure(CASE)
    assert case_keys.unwrap(CASE, wrapped) == bytes(32)


def test_no_two_data_keys_are_alike() -> None:
    assert len({new_data_key() for _ in range(100)}) == 100


def test_the_key_of_another_case_does_not_open_it(case_keys: CaseKeys) -> None:
    other = uuid4()
    case_keys.ensure(CASE)
    case_keys.ensure(other)
    wrapped = case_keys.wrap(CASE, new_data_key())
    with pytest.raises(KeyRefusedError) as error:
        case_keys.unwrap(other, wrapped)
    assert error.value.name == str(other)


def test_an_altered_wrapped_key_is_refused(case_keys: CaseKeys) -> None:
    case_keys.ensure(CASE)
    wrapped = case_keys.wrap(CASE, new_data_key())
    for position in range(len(wrapped)):
        altered = bytearray(wrapped)
        altered[position] ^= 1
        with pytest.raises(KeyRefusedError):
            case_keys.unwrap(CASE, bytes(altered))
    for cut in (b"", wrapped[:8], wrapped[:-1], wrapped + b"\0"):
        with pytest.raises(KeyRefusedError):
            case_keys.unwrap(CASE, cut)


def test_a_case_without_key_wraps_nothing(case_keys: CaseKeys) -> None:
    with pytest.raises(KeyMissingError):
        case_keys.wrap(CASE, new_data_key())


def test_after_destroying_the_case_key_nothing_opens_and_no_new_key_is_made(case_keys: CaseKeys) -> None:
    case_keys.ensure(CASE)
    wrapped = case_keys.wrap(CASE, new_data_key())
    case_keys.destroy(CASE)
    with pytest.raises(KeyDestroyedError):
        case_keys.unwrap(CASE, wrapped)
    with pytest.raises(KeyDestroyedError):
        case_keys.ensure(CASE)
    assert case_keys.cases() == []
