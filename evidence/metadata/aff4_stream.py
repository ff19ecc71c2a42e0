"""Read and verify the chunks of an AFF4 image stream: bevies of packed chunks, their index, their block hashes.

Loaded only inside the sandbox. A chunk is judged by its block hashes where there are any; without them only by
whether it unpacks, and by the digest of the whole.
"""

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from struct import Struct

import cramjam

from evidence.metadata.aff4_volume import SCHEMA, Volume
from evidence.metadata.deflate import DeflateError, unpack
from evidence.metadata.verification import Runs, Verification, shortened
from evidence.metadata.zip_list import DamagedZipError

# Offset within the bevy and length of one packed chunk.
ENTRY = Struct("<QI")
MAX_CHUNK = 16 * 1024 * 1024
MAX_BEVY_CHUNKS = 1_000_000
# Chunks kept unpacked for a map that jumps about.
KEPT = 16 * 1024 * 1024
BLOCK_HASHES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64, "blake2b": 64}
TOLD = 3


class ChunkError(ValueError):
    """A chunk that cannot be read."""


class UnreadableStreamError(ValueError):
    """A stream of a kind or with numbers that are not read here; the words say which."""


def _snappy(data: bytes, most: int) -> bytes:
    buffer = bytearray(most)
    try:
        return bytes(memoryview(buffer)[: cramjam.snappy.decompress_raw_into(data, buffer)])
    except cramjam.DecompressionError as problem:
        raise ChunkError("its packed bytes cannot be read") from problem


def _lz4(data: bytes, most: int) -> bytes:
    buffer = bytearray(most)
    try:
        length = cramjam.lz4.decompress_block_into(data, buffer, output_len=most)
    except cramjam.DecompressionError as problem:
        raise ChunkError("its packed bytes cannot be read") from problem
    return bytes(memoryview(buffer)[:length])


def _zlib(data: bytes, most: int) -> bytes:
    return unpack(data, most)


def _deflate(data: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = reader.decompress(data, most + 1)
    except zlib.error as problem:
        raise ChunkError("its packed bytes cannot be read") from problem
    if not reader.eof or reader.unused_data or len(content) > most:
        raise ChunkError("its packed bytes do not end where they should")
    return content


def _stored(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise ChunkError("it is longer than a chunk")
    return data


METHODS: dict[str, Callable[[bytes, int], bytes]] = {
    "http://code.google.com/p/snappy/": _snappy,
    "https://github.com/google/snappy": _snappy,
    "https://code.google.com/p/lz4/": _lz4,
    "https://github.com/lz4/lz4": _lz4,
    "https://www.ietf.org/rfc/rfc1950.txt": _zlib,
    "https://tools.ietf.org/html/rfc1950": _zlib,
    "https://tools.ietf.org/html/rfc1951": _deflate,
    SCHEMA + "NullCompressor": _stored,
    SCHEMA + "compression/stored": _stored,
    "": _stored,
}


class ImageStream:
    """One stream of chunks; raises UnreadableStreamError where its description is not one that is read here."""

    def __init__(self, volume: Volume, urn: str) -> None:
        self.urn = urn
        self.size = volume.number(urn, "size")
        self.chunk_size = volume.number(urn, "chunkSize")
        self.per_bevy = volume.number(urn, "chunksInSegment")
        method = volume.text(urn, "compressionMethod")
        if method not in METHODS:
            raise UnreadableStreamError(f"its compression {method} is not read here")
        if self.size < 0 or not 0 < self.chunk_size <= MAX_CHUNK or not 0 < self.per_bevy <= MAX_BEVY_CHUNKS:
            raise UnreadableStreamError("its sizes are missing or impossible")
        self._volume = volume
        self._unpack = METHODS[method]
        self._index: tuple[int, bytes] = (-1, b"")
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    @property
    def chunks(self) -> int:
        return -(-self.size // self.chunk_size)

    def chunk(self, number: int) -> bytes:
        """The content of one chunk. Raises ChunkError."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        content = self._read(number)
        self._kept[number] = content
        if len(self._kept) * self.chunk_size > KEPT and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return content

    def read(self, start: int, stop: int) -> Iterator[memoryview]:
        """The bytes from start to stop, chunk by chunk. Raises ChunkError."""
        if stop > self.size:
            raise ChunkError("it lies behind the end of its stream")
        while start < stop:
            number = start // self.chunk_size
            begin = number * self.chunk_size
            piece = memoryview(self.chunk(number))[start - begin : stop - begin]
            if not piece:
                raise ChunkError(f"chunk {number} is shorter than it should be")
            yield piece
            start += len(piece)

    def _read(self, number: int) -> bytes:
        bevy, place = divmod(number, self.per_bevy)
        try:
            raw = self._bevy_index(bevy)[place * ENTRY.size : (place + 1) * ENTRY.size]
            if len(raw) < ENTRY.size:
                raise ChunkError("the index does not list it")
            offset, length = ENTRY.unpack(raw)
            if length > self.chunk_size:
                raise ChunkError(f"it takes {length} bytes, more than a chunk can")
            data = self._volume.at(f"{self.urn}/{bevy:08d}", offset, length)
        except (DamagedZipError, KeyError) as problem:
            words = "its part of the file is missing" if isinstance(problem, KeyError) else str(problem)
            raise ChunkError(words) from problem
        wanted = min(self.chunk_size, self.size - number * self.chunk_size)
        try:
            # What did not shrink is kept as it was.
            content = data if length == self.chunk_size else self._unpack(data, self.chunk_size)
        except DeflateError as problem:
            raise ChunkError(str(problem)) from problem
        if len(content) < wanted:
            raise ChunkError(f"it holds {len(content)} bytes instead of {wanted}")
        return content[:wanted]

    def _bevy_index(self, bevy: int) -> bytes:
        if self._index[0] != bevy:
            urn = f"{self.urn}/{bevy:08d}.index"
            self._index = (bevy, self._volume.small(urn, self.per_bevy * ENTRY.size))
        return self._index[1]

    def block_hashes(self, bevy: int, algorithm: str) -> bytes:
        """The stored digests of all chunks of one bevy, one behind the other. Raises DamagedZipError, KeyError."""
        urn = f"{self.urn}/{bevy:08d}.blockHash.{algorithm}"
        return self._volume.small(urn, self.per_bevy * BLOCK_HASHES[algorithm])

    def has_block_hashes(self, algorithm: str) -> bool:
        return self._volume.has(f"{self.urn}/00000000.blockHash.{algorithm}")


def verify(stream: ImageStream, verification: Verification, prefix: str, what: str) -> Iterator[bytes]:
    """Yield each chunk that can be read; judge each by its block hashes, count and mark the damaged.

    The prefix begins the names of the values; `what` says in a sentence whose chunks they are, or is empty.
    """
    algorithms = [name for name in BLOCK_HASHES if stream.has_block_hashes(name)]
    damaged, sound = Runs(), 0
    stored: dict[str, bytes] = {}
    try:
        for number in range(stream.chunks):
            verification.clock.check()
            bevy, place = divmod(number, stream.per_bevy)
            if place == 0:
                stored = _stored_hashes(stream, bevy, algorithms, verification)
            try:
                content = stream.chunk(number)
                _judge(content, place, stored)
            except ChunkError as problem:
                damaged.add(number)
                if damaged.count <= TOLD:
                    verification.damaged(f"Chunk {number}{what} (counted from 0) is damaged: {problem}.")
                else:
                    verification.count_damage()
                continue
            sound += 1
            if stored:
                verification.matched()
            yield content
    finally:
        verification.put(f"{prefix}chunks.stated", stream.chunks)
        verification.put(f"{prefix}chunks.size", stream.chunk_size)
        verification.put(f"{prefix}chunks.sound", sound)
        verification.put(f"{prefix}chunks.judged_by", ", ".join(algorithms) or "nothing but unpacking")
        if damaged.count:
            verification.put(f"{prefix}chunks.damaged", damaged.count)
            verification.put(f"{prefix}chunks.damaged.first", damaged.first)
            verification.put(f"{prefix}chunks.damaged.list", shortened(damaged.words()))


def _stored_hashes(
    stream: ImageStream, bevy: int, algorithms: list[str], verification: Verification
) -> dict[str, bytes]:
    found = {}
    for algorithm in algorithms:
        try:
            found[algorithm] = stream.block_hashes(bevy, algorithm)
        except (DamagedZipError, KeyError):
            verification.damaged(f"The {algorithm.upper()} block hashes of part {bevy} cannot be read.")
    return found


def _judge(content: bytes, place: int, stored: dict[str, bytes]) -> None:
    for algorithm, digests in stored.items():
        size = BLOCK_HASHES[algorithm]
        wanted = digests[place * size : (place + 1) * size]
        if hashlib.new(algorithm, content, usedforsecurity=False).digest() != wanted:
            raise ChunkError(f"its {algorithm.upper()} is not the stored block hash")
