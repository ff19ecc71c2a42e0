"""Digests of evidence, computed as the bytes pass or again from what is stored.

MD5 and SHA-1 are for comparing with other tools' reports only; they prove nothing here. What a digest is
compared with, and what a difference means, is decided elsewhere.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Protocol

from blake3 import blake3

from .lanes import Lanes

Buffer = bytes | bytearray | memoryview


class Algorithm(StrEnum):
    SHA256 = "sha256"
    SHA512 = "sha512"
    SHA3_512 = "sha3-512"
    BLAKE3 = "blake3"
    SHA1 = "sha1"
    MD5 = "md5"


LEGACY = frozenset({Algorithm.SHA1, Algorithm.MD5})
# Quicker here than handing the bytes to another processor.
QUICK = frozenset({Algorithm.BLAKE3})
NEAR = 1 << 18
ALONE = 4 << 20  # up to here threads would cost more than they save
UNDER_WAY = 8  # pieces between the reader and the slowest digest; they are the memory that hashing takes
USUAL = (Algorithm.SHA256, Algorithm.BLAKE3)


class _Hasher(Protocol):
    def update(self, data: Buffer, /) -> object: ...
    def hexdigest(self) -> str: ...


# A legacy hash is declared as not for security: a FIPS build of OpenSSL refuses it otherwise.
_MAKERS: dict[Algorithm, Callable[[], _Hasher]] = {
    Algorithm.SHA256: hashlib.sha256,
    Algorithm.SHA512: hashlib.sha512,
    Algorithm.SHA3_512: hashlib.sha3_512,
    Algorithm.BLAKE3: blake3,
    Algorithm.SHA1: lambda: hashlib.sha1(usedforsecurity=False),
    Algorithm.MD5: lambda: hashlib.md5(usedforsecurity=False),
}


def _update_near(hasher: _Hasher, near: bytearray, data: Buffer) -> None:
    """Hash by way of a small buffer that stays in the processor's cache.

    What another thread wrote lies far away. A hash that takes one block after the other waits for each of them;
    a copy asks for many at a time.
    """
    view, room = memoryview(data), memoryview(near)
    for start in range(0, len(view), NEAR):
        part = view[start : start + NEAR]
        room[: len(part)] = part
        hasher.update(room[: len(part)])


class Digests:
    """Several digests of the same bytes, in one pass."""

    def __init__(self, algorithms: Sequence[str] = USUAL) -> None:
        """Raises ValueError for an algorithm that is not known or is named twice."""
        names = [Algorithm(name) for name in algorithms]
        if not names or len(set(names)) != len(names):
            raise ValueError("name each algorithm once, and at least one")
        self._hashers = {name: _MAKERS[name]() for name in names}
        self.length = 0

    def update(self, data: Buffer) -> None:
        """Add the bytes that come next."""
        for hasher in self._hashers.values():
            hasher.update(data)
        self.length += memoryview(data).nbytes

    def apart(self) -> tuple[Callable[[Buffer], object], ...]:
        """Return one function for each digest that is better computed in a thread of its own.

        Each must be given the same bytes in the same order, and `update_here` too.
        """
        return tuple(
            partial(_update_near, hasher, bytearray(NEAR))
            for name, hasher in self._hashers.items()
            if name not in QUICK
        )

    def update_here(self, data: Buffer) -> None:
        """Add the bytes to the digests that `apart` left out, and count them."""
        for name in QUICK & self._hashers.keys():
            self._hashers[name].update(data)
        self.length += memoryview(data).nbytes

    def hexdigests(self) -> dict[str, str]:
        """Return the digests of the bytes so far, by the algorithm's name."""
        return {name.value: hasher.hexdigest() for name, hasher in self._hashers.items()}


def rehash(reader: Iterable[bytes], algorithms: Sequence[str] = USUAL) -> Digests:
    """Digest what is stored; more bytes may be added to the result when an upload goes on.

    Past the first few MiB the slow digests are computed beside the reading, which stays with the caller. No
    thread is left when this returns or raises what the reader raised.
    """
    digests = Digests(algorithms)
    pieces = iter(reader)
    for piece in pieces:
        digests.update(piece)
        if digests.length > ALONE:
            break
    else:
        return digests
    with Lanes(digests.apart(), depth=UNDER_WAY) as lanes:
        for piece in pieces:
            lanes.give(piece)
            digests.update_here(piece)
        lanes.settle()
    return digests
