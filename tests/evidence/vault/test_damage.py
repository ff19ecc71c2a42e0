"""Whatever is done to a stored object's file is found, and said where."""

import random
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.vault.errors import ObjectDamagedError
from evidence.vault.local import LocalVault
from evidence.vault.tink import FIRST_PLAIN, SEGMENT, stored_length

from .stored import Stored, random_bytes, store

DATA = random_bytes(3 * SEGMENT + 1000)
CHECKPOINT = SEGMENT + SEGMENT // 2


@pytest.fixture
def stored(vault: LocalVault, root: Path) -> Stored:
    return store(vault, root, DATA, checkpoint_bytes=CHECKPOINT)


def check(vault: LocalVault, stored: Stored) -> None:
    vault.check_object(stored.object_id, stored.extents, stored.key)


def found(vault: LocalVault, stored: Stored) -> ObjectDamagedError:
    with pytest.raises(ObjectDamagedError) as error:
        check(vault, stored)
    with pytest.raises(ObjectDamagedError):
        list(vault.read(stored.object_id, stored.extents, stored.key))
    return error.value


def test_one_flipped_bit_at_a_hundred_random_places_is_found_every_time(
    vault: LocalVault, stored: Stored
) -> None:
    content, draw = stored.path.read_bytes(), random.Random(20261121)
    check(vault, stored)
    for position in draw.sample(range(len(content)), 100):
        altered = bytearray(content)
        altered[position] ^= 1 << draw.randrange(8)
        stored.rewrite(bytes(altered))
        damage = found(vault, stored).damages[0]
        assert damage.extent == extent_at(stored, position)
    stored.rewrite(content)
    check(vault, stored)


def test_every_byte_of_a_header_counts(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, b"short")
    content = stored.path.read_bytes()
    for position in range(len(content)):
        stored.rewrite(content[:position] + bytes([content[position] ^ 0x80]) + content[position + 1 :])
        found(vault, stored)


def extent_at(stored: Stored, position: int) -> int:
    end = 0
    for number, length in enumerate(stored.extents):
        end += stored_length(length)
        if position < end:
            return number
    raise AssertionError("the position is outside the object")


def test_every_damaged_run_is_listed_with_the_bytes_it_costs(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, random_bytes(6 * SEGMENT))
    content = bytearray(stored.path.read_bytes())
    for segment in (1, 2, 4):
        content[segment * SEGMENT + 99] ^= 1
    stored.rewrite(bytes(content))
    damages = found(vault, stored).damages
    assert [(damage.first_segment, damage.last_segment) for damage in damages] == [(1, 2), (4, 4)]
    assert damages[0].start == FIRST_PLAIN
    good = b"".join(vault.read(stored.object_id, stored.extents, stored.key, 0, damages[0].start))
    good += b"".join(
        vault.read(stored.object_id, stored.extents, stored.key, damages[0].stop, damages[1].start)
    )
    assert good == stored.data[:FIRST_PLAIN] + stored.data[damages[0].stop : damages[1].start]


def test_a_cut_anywhere_is_found(vault: LocalVault, stored: Stored) -> None:
    content = stored.path.read_bytes()
    first = stored_length(stored.extents[0])
    for length in (0, 39, 40, SEGMENT, first, len(content) - 1):
        stored.rewrite(content[:length])
        found(vault, stored)


def test_bytes_added_at_the_end_are_found(vault: LocalVault, stored: Stored) -> None:
    stored.rewrite(stored.path.read_bytes() + b"\0")
    error = found(vault, stored)
    assert error.damages == ()
    assert error.extent is None


def test_extents_in_another_order_are_found(vault: LocalVault, stored: Stored) -> None:
    content, size = stored.path.read_bytes(), stored_length(CHECKPOINT)
    assert stored.extents[:2] == (CHECKPOINT, CHECKPOINT)
    stored.rewrite(content[size : 2 * size] + content[:size] + content[2 * size :])
    assert {damage.extent for damage in found(vault, stored).damages} == {0, 1}


def test_an_extent_left_out_of_file_and_list_is_found_by_its_number(
    vault: LocalVault, stored: Stored
) -> None:
    size = stored_length(CHECKPOINT)
    stored.rewrite(stored.path.read_bytes()[size:])
    shorter = Stored(stored.object_id, stored.key, stored.extents[1:], DATA[CHECKPOINT:], stored.path)
    found(vault, shorter)


def test_the_file_of_another_object_is_found_even_with_its_key(vault: LocalVault, root: Path) -> None:
    one, other = store(vault, root, DATA[:1000]), store(vault, root, DATA[1000:2000])
    one.rewrite(other.path.read_bytes())
    found(vault, one)
    found(vault, Stored(one.object_id, other.key, one.extents, one.data, one.path))


def test_an_older_state_of_an_extent_does_not_fit_another_object_id(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:1000])
    elsewhere = uuid4()
    path = root / "objects" / str(elsewhere)[:2] / str(elsewhere)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(stored.path.read_bytes())
    found(vault, Stored(elsewhere, stored.key, stored.extents, stored.data, path))
