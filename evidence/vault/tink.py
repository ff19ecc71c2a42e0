"""One extent: Tink's AES256-GCM-HKDF streaming format with 1 MiB ciphertext segments, byte for byte.

    extent    = header (40) || segment_0 || … || segment_k
    header    = 0x28 || salt (32 random) || nonce prefix (7 random)
    key       = HKDF-SHA256(ikm = data key (32), salt, info = AAD, 32 bytes)
    segment_i = AES-256-GCM(key, nonce = prefix || uint32 i || (1 if last else 0), no associated data)

Segment i starts i MiB into the extent (segment 0 after the header). The counter and the last mark make
reordering, cutting and swapping fail; the AAD binds the extent to its object and its place. No files are
opened here, no key is kept here, and no extent is continued: one that was interrupted is cut off and a new
one, with a fresh salt, begun.
"""

import os
import struct
from collections.abc import Iterator
from typing import Protocol, runtime_checkable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import SegmentDamagedError

KEY = 32
SALT = 32
PREFIX = 7
TAG = 16
HEADER = 1 + SALT + PREFIX
SEGMENT = 1 << 20
FIRST_PLAIN = SEGMENT - HEADER - TAG
NEXT_PLAIN = SEGMENT - TAG
MAX_SEGMENTS = 1 << 32  # the counter in the nonce has 32 bits

Buffer = bytes | bytearray | memoryview


class Sink(Protocol):
    """Something bytes are appended to; like a raw file it may take fewer than it was given."""

    def write(self, data: memoryview, /) -> int | None: ...


@runtime_checkable
class Lender(Protocol):
    """Something that lends the memory its next bytes are put into, so that nobody copies them there."""

    def lend(self, size: int, /) -> memoryview: ...
    def take(self, size: int, /) -> None: ...


class Source(Protocol):
    """Something bytes are read from at a place."""

    def seek(self, offset: int, /) -> int: ...
    def readinto(self, buffer: memoryview, /) -> int | None: ...


def aad(object_id: UUID, extent_no: int) -> bytes:
    """Name the object and the extent's place in it; part of the key derivation."""
    return f"custody/v1|{object_id}|{extent_no}".encode("ascii")


def segments(plain_length: int) -> int:
    """Count the segments of an extent; an empty one has a single, empty segment."""
    if plain_length < 0:
        raise ValueError("a length is never negative")
    return 1 + max(0, -(-(plain_length - FIRST_PLAIN) // NEXT_PLAIN))


def stored_length(plain_length: int) -> int:
    """Tell how many bytes an extent takes in the file."""
    return HEADER + plain_length + TAG * segments(plain_length)


def segment_of(position: int) -> int:
    """Tell which segment holds the plain byte at this position of the extent."""
    return 0 if position < FIRST_PLAIN else 1 + (position - FIRST_PLAIN) // NEXT_PLAIN


def segment_start(segment: int) -> int:
    """Tell at which plain byte of the extent a segment begins."""
    return 0 if segment == 0 else FIRST_PLAIN + (segment - 1) * NEXT_PLAIN


def _cipher(key: bytes, salt: bytes, associated: bytes) -> AESGCM:
    if len(key) != KEY:
        raise ValueError(f"a data key has {KEY} bytes")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=associated).derive(key))


def _nonce(prefix: bytes, segment: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", segment, last)


class ExtentWriter:
    """Encrypt what is written into one extent; memory is two segments whatever its length.

    A full segment waits for the next byte, since only then it is known not to be the last. After any failure
    the writer is spent: its next nonce may have been used, and must never meet other bytes.
    """

    def __init__(self, file: Sink | Lender, key: bytes, associated: bytes) -> None:
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._out = file if isinstance(file, Lender) else _Written(file)
        self._aead = _cipher(key, salt, associated)
        self._plain = memoryview(bytearray(NEXT_PLAIN))
        self._whole: memoryview | None = None  # a segment that came in one piece, used where it lies
        self._filled = 0
        self._capacity = FIRST_PLAIN
        self._header = bytes([HEADER]) + salt + self._prefix  # written together with segment 0
        self._segment = 0
        self._spent = False
        self.plain_length = 0

    @property
    def room(self) -> int:
        """Tell how many bytes fill the segment under way, or the next where it is full; never zero."""
        return (self._capacity - self._filled) or NEXT_PLAIN

    def write(self, data: Buffer) -> None:
        """Add plain bytes; `bytes` that are a whole segment are not copied."""
        if self._spent:
            raise ValueError("this extent is finished or failed; begin another")
        view = memoryview(data).cast("B")
        while view:
            if self._filled == self._capacity:
                self._close_segment(last=False)
            count = min(self._capacity - self._filled, len(view))
            if count == self._capacity and isinstance(data, bytes):
                self._whole = view[:count]
            else:
                self._plain[self._filled : self._filled + count] = view[:count]
            self._filled += count
            self.plain_length += count
            view = view[count:]

    def finish(self) -> int:
        """Write the last segment and tell the extent's plain length."""
        if self._spent:
            raise ValueError("this extent is finished or failed; begin another")
        self._close_segment(last=True)
        return self.plain_length

    def abandon(self) -> None:
        """Refuse every further byte; the caller cuts off what was written."""
        self._spent = True

    def _close_segment(self, *, last: bool) -> None:
        if self._segment >= MAX_SEGMENTS:
            raise ValueError("an extent ends at 2**32 segments")
        self._spent = True  # until the bytes are out: a second try would use this nonce again
        nonce = _nonce(self._prefix, self._segment, last=last)
        begin = len(self._header)
        stored = self._out.lend(begin + self._filled + TAG)
        stored[:begin] = self._header
        plain = self._plain[: self._filled] if self._whole is None else self._whole
        self._aead.encrypt_into(nonce, plain, None, stored[begin:])
        self._whole, self._header = None, b""
        self._out.take(len(stored))
        self._segment += 1
        self._filled, self._capacity = 0, NEXT_PLAIN
        self._spent = last


class _Written:
    """Lends memory of its own and writes it to a file."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self._room = memoryview(bytearray(SEGMENT))

    def lend(self, size: int) -> memoryview:
        return self._room[:size]

    def take(self, size: int) -> None:
        _write_all(self._file, self._room[:size])


class ExtentReader:
    """Decrypt single segments of one extent; every byte given out was authenticated first."""

    def __init__(self, file: Source, offset: int, plain_length: int, key: bytes, associated: bytes) -> None:
        self._file = file
        self._offset = offset
        self._plain_length = plain_length
        self._segments = segments(plain_length)
        self._stored = memoryview(bytearray(min(SEGMENT, stored_length(plain_length))))
        self._plain = memoryview(bytearray(min(NEXT_PLAIN, plain_length)))
        header = self._stored[:HEADER]
        self._file.seek(offset)
        if _read_full(self._file, header) != HEADER or header[0] != HEADER:
            raise SegmentDamagedError(0, "the extent's header is missing or malformed")
        self._prefix = bytes(header[1 + SALT :])
        self._aead = _cipher(key, bytes(header[1 : 1 + SALT]), associated)

    def segment(self, number: int) -> memoryview:
        """Return the plain bytes of one segment, in a buffer that the next call fills again.

        Raises SegmentDamagedError when the segment is cut, altered, moved or from elsewhere.
        """
        last = number == self._segments - 1
        start = segment_start(number)
        length = min(self._plain_length, segment_start(number + 1)) - start
        stored = self._stored[: length + TAG]
        self._file.seek(self._offset + (HEADER if number == 0 else number * SEGMENT))
        if _read_full(self._file, stored) != length + TAG:
            raise SegmentDamagedError(number, "the file ends too early")
        try:
            self._aead.decrypt_into(
                _nonce(self._prefix, number, last=last), stored, None, self._plain[:length]
            )
        except InvalidTag as error:
            raise SegmentDamagedError(number, "the bytes do not authenticate") from error
        return self._plain[:length]


def read_extent(
    file: Source,
    offset: int,
    plain_length: int,
    key: bytes,
    associated: bytes,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[bytes]:
    """Yield the plain bytes [start, stop) of the extent that begins at `offset` of the file.

    An empty range of an empty extent is still authenticated. Raises SegmentDamagedError.
    """
    stop = plain_length if stop is None else stop
    if not 0 <= start <= stop <= plain_length:
        raise ValueError(f"the range {start} to {stop} is not within {plain_length} bytes")
    if start == stop and plain_length:
        return
    reader = ExtentReader(file, offset, plain_length, key, associated)
    for number in range(segment_of(start), segment_of(max(start, stop - 1)) + 1):
        begin = segment_start(number)
        plain = reader.segment(number)
        if wanted := bytes(plain[max(0, start - begin) : stop - begin]):
            yield wanted


def _write_all(file: Sink, view: memoryview) -> None:
    while view:
        written = file.write(view)
        if not written:
            raise BlockingIOError("the file took no bytes")
        view = view[written:]


def _read_full(file: Source, buffer: memoryview) -> int:
    total = 0
    while total < len(buffer):
        count = file.readinto(buffer[total:])
        if not count:
            break
        total += count
    return total
