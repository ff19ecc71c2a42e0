"""An object: its extents one after another in one file, named by the list of their plain lengths.

Reads ranges and finds damage in any seekable file. Neither the file nor the list is kept here: the list lives
in the database, and without it an object whose last extents were cut off would look whole.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from .errors import Damage, ObjectDamagedError, SegmentDamagedError
from .tink import ExtentReader, Source, aad, read_extent, segment_start, segments, stored_length

# 8 TB in the 8 MiB requests of a cautious client; keeps the list itself small enough for a database row.
MAX_EXTENTS = 1 << 20


def stored_object_length(extents: Sequence[int]) -> int:
    """Tell how many bytes the object takes in its file."""
    return sum(map(stored_length, extents))


def read_object(
    file: Source, object_id: UUID, extents: Sequence[int], key: bytes, start: int, stop: int
) -> Iterator[bytes]:
    """Yield the plain bytes [start, stop); each piece was authenticated before it is given out.

    Raises ObjectDamagedError at the first bad segment, after what came before it.
    """
    begin = offset = 0
    empty = not any(extents)  # an empty object is authenticated all the same
    for number, length in enumerate(extents):
        low, high = max(start - begin, 0), min(stop - begin, length)
        if low < high or empty:
            try:
                yield from read_extent(file, offset, length, key, aad(object_id, number), low, high)
            except SegmentDamagedError as error:
                raise ObjectDamagedError(
                    object_id, error.reason, extent=number, segment=error.segment
                ) from error
        begin += length
        offset += stored_length(length)


def find_damage(file: Source, object_id: UUID, extents: Sequence[int], key: bytes) -> Iterator[Damage]:
    """Authenticate every segment; yield each run of bad ones, and never stop at the first."""
    begin = offset = 0
    for number, length in enumerate(extents):
        for first, last in _runs(_bad_segments(file, offset, length, key, aad(object_id, number))):
            yield Damage(
                extent=number,
                first_segment=first,
                last_segment=last,
                start=begin + segment_start(first),
                stop=begin + min(segment_start(last + 1), length),
            )
        begin += length
        offset += stored_length(length)


def _bad_segments(file: Source, offset: int, length: int, key: bytes, associated: bytes) -> Iterator[int]:
    try:
        reader = ExtentReader(file, offset, length, key, associated)
    except SegmentDamagedError:
        yield from range(segments(length))  # without the header there is no key for any of them
        return
    for segment in range(segments(length)):
        try:
            reader.segment(segment)
        except SegmentDamagedError:
            yield segment


def _runs(numbers: Iterator[int]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    last = 0
    for number in numbers:
        if first is not None and number != last + 1:
            yield first, last
            first = None
        first = number if first is None else first
        last = number
    if first is not None:
        yield first, last
