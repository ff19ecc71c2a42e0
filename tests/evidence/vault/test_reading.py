"""Reading ahead changes what is asked of the disk, never what is read."""

import itertools
import os
from pathlib import Path

import pytest

from evidence.vault.reading import AHEAD, SEQUENTIAL, ReadAhead

from .stored import random_bytes

MIB = 1 << 20
DATA = random_bytes(6 * MIB + 17)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    advise = os.posix_fadvise

    def spy(descriptor: int, offset: int, length: int, advice: int) -> None:
        advise(descriptor, offset, length, advice)
        seen.append((offset, offset + length))

    monkeypatch.setattr(os, "posix_fadvise", spy)
    return seen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


def test_who_reads_on_and_on_gets_each_byte_asked_for_once(file: Path, asked: list[tuple[int, int]]) -> None:
    buffer, read = bytearray(MIB), b""
    with ReadAhead(file) as opened:
        while count := opened.readinto(buffer):
            read += buffer[:count]
    assert read == DATA
    assert asked[0] == (SEQUENTIAL, SEQUENTIAL + AHEAD)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(asked))


def test_who_jumps_asks_for_nothing_more(file: Path, asked: list[tuple[int, int]]) -> None:
    buffer = bytearray(MIB)
    with ReadAhead(file) as opened:
        for place in (5, 0, 3, 1, 4, 2):
            opened.seek(place * MIB)
            opened.readinto(buffer)
            assert buffer == DATA[place * MIB : (place + 1) * MIB]
    assert asked == []
