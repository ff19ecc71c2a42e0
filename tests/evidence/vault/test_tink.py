"""The extent format: what comes out is what went in, and nothing else comes out."""

from io import BytesIO
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.vault.errors import SegmentDamagedError
from evidence.vault.tink import (
    FIRST_PLAIN,
    HEADER,
    NEXT_PLAIN,
    SEGMENT,
    ExtentWriter,
    aad,
    read_extent,
    segment_of,
    segment_start,
    segments,
    stored_length,
)

from .stored import random_bytes

KEY = bytes(range(32))
ASSOCIATED = aad(UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff"), 0)
EDGES = (0, 1, FIRST_PLAIN - 1, FIRST_PLAIN, FIRST_PLAIN + 1, FIRST_PLAIN + NEXT_PLAIN, 3 * SEGMENT)
PLAIN = random_bytes(3 * SEGMENT)


def written(data: bytes, *, piece: int = SEGMENT, associated: bytes = ASSOCIATED, key: bytes = KEY) -> bytes:
    file = BytesIO()
    writer = ExtentWriter(file, key, associated)
    for start in range(0, len(data), piece):
        writer.write(memoryview(data)[start : start + piece])
    assert writer.finish() == len(data)
    return file.getvalue()


def plain_of(stored: bytes, length: int, *, associated: bytes = ASSOCIATED, key: bytes = KEY) -> bytes:
    return b"".join(read_extent(BytesIO(stored), 0, length, key, associated))


STORED = written(PLAIN)


def test_the_aad_names_object_and_extent() -> None:
    assert ASSOCIATED == b"custody/v1|6f9619ff-8b86-4d01-b42d-00cf4fc964ff|0"


@pytest.mark.parametrize("length", EDGES)
@pytest.mark.parametrize("piece", [SEGMENT, 100_003])
def test_every_edge_length_comes_back(length: int, piece: int) -> None:
    stored = written(PLAIN[:length], piece=piece)
    assert len(stored) == stored_length(length)
    assert plain_of(stored, length) == PLAIN[:length]


def test_segments_begin_at_whole_mebibytes() -> None:
    assert segment_start(0) == 0
    for number in range(1, 5):
        assert stored_length(segment_start(number)) == number * SEGMENT
        assert segment_of(segment_start(number)) == number
        assert segment_of(segment_start(number) - 1) == number - 1


def test_a_length_is_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        segments(-1)


@given(st.integers(0, len(PLAIN)), st.integers(0, len(PLAIN)))
@settings(max_examples=60, deadline=None)
def test_any_range_comes_back(one: int, other: int) -> None:
    start, stop = min(one, other), max(one, other)
    pieces = list(read_extent(BytesIO(STORED), 0, len(PLAIN), KEY, ASSOCIATED, start, stop))
    assert b"".join(pieces) == PLAIN[start:stop]
    assert all(pieces)


def test_a_range_outside_the_extent_is_a_mistake_of_the_caller() -> None:
    for start, stop in ((-1, 2), (2, 1), (0, len(PLAIN) + 1)):
        with pytest.raises(ValueError, match="not within"):
            list(read_extent(BytesIO(STORED), 0, len(PLAIN), KEY, ASSOCIATED, start, stop))


def test_no_plain_byte_is_in_the_stored_bytes() -> None:
    stored = written(b"Unmistakable marker. " * 100_000)
    assert b"Unmistakable" not in stored


def test_two_extents_of_the_same_bytes_share_nothing() -> None:
    one, other = written(PLAIN[:5000]), written(PLAIN[:5000])
    assert one[1:HEADER] != other[1:HEADER]
    assert one[HEADER:] != other[HEADER:]


@pytest.mark.parametrize("cut", [1, 15, 16, SEGMENT, 2 * SEGMENT, len(STORED) - HEADER, len(STORED)])
def test_a_cut_is_noticed(cut: int) -> None:
    with pytest.raises(SegmentDamagedError):
        plain_of(STORED[:-cut], len(PLAIN))


def test_a_cut_at_a_segment_is_noticed_even_with_a_shorter_length_claimed() -> None:
    with pytest.raises(SegmentDamagedError) as error:
        plain_of(STORED[:SEGMENT], FIRST_PLAIN)
    assert error.value.segment == 0


def test_swapped_segments_are_noticed() -> None:
    swapped = STORED[:SEGMENT] + STORED[2 * SEGMENT : 3 * SEGMENT] + STORED[SEGMENT : 2 * SEGMENT]
    with pytest.raises(SegmentDamagedError) as error:
        plain_of(swapped + STORED[3 * SEGMENT :], len(PLAIN))
    assert error.value.segment == 1


def test_a_segment_of_another_extent_is_noticed() -> None:
    other = written(PLAIN)
    mixed = STORED[:SEGMENT] + other[SEGMENT : 2 * SEGMENT] + STORED[2 * SEGMENT :]
    with pytest.raises(SegmentDamagedError):
        plain_of(mixed, len(PLAIN))


def test_another_object_extent_or_key_does_not_open_it() -> None:
    stored = written(PLAIN[:100])
    for associated in (aad(uuid4(), 0), ASSOCIATED[:-1] + b"1"):
        with pytest.raises(SegmentDamagedError):
            plain_of(stored, 100, associated=associated)
    with pytest.raises(SegmentDamagedError):
        plain_of(stored, 100, key=bytes(32))


def test_an_empty_extent_is_authenticated_too() -> None:
    stored = written(b"")
    assert plain_of(stored, 0) == b""
    with pytest.raises(SegmentDamagedError):
        plain_of(stored[:-1] + bytes([stored[-1] ^ 1]), 0)


def test_a_key_of_another_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ExtentWriter(BytesIO(), bytes(16), ASSOCIATED)


class FullDisk(BytesIO):
    """A file that takes some bytes and then fails, like a disk that is full."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def write(self, data: object) -> int:
        view = memoryview(data)[: self._room - self.tell()]  # type: ignore[arg-type]  # any buffer, as in BytesIO
        if not view:
            raise OSError(28, "No space left on device")
        return super().write(view)


def test_partial_writes_are_continued_and_a_failed_writer_is_spent() -> None:
    writer = ExtentWriter(FullDisk(SEGMENT + 5000), KEY, ASSOCIATED)
    with pytest.raises(OSError, match="No space"):
        writer.write(PLAIN)
    with pytest.raises(ValueError, match="begin another"):
        writer.write(b"again")
    with pytest.raises(ValueError, match="begin another"):
        writer.finish()


def test_a_finished_writer_takes_no_more() -> None:
    writer = ExtentWriter(BytesIO(), KEY, ASSOCIATED)
    writer.finish()
    with pytest.raises(ValueError, match="begin another"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="begin another"):
        writer.finish()
