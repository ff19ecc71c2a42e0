"""A file too large for memory reaches the child in ranges: the same bytes, little memory, and no byte of anything else."""

import hashlib
import os
import struct
from pathlib import Path

import pytest

from evidence.metadata.extract import examine
from evidence.metadata.outcome import Extraction, Outcome
from evidence.metadata.sandbox import (
    MAX_INPUT,
    MIB,
    Limits,
    RangeInput,
    SandboxCrashed,
    SandboxLimit,
    SandboxTimeout,
    run,
)
from tests.evidence.metadata import ewf_files
from tests.evidence.metadata.attacks import BRIEF, PARSERS, children_of

SIZE = 5 * MIB + 12_345


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "evidence"
    path.write_bytes(os.urandom(SIZE))
    return path


def asked(path: Path, name: str, limits: Limits = BRIEF, size: int = SIZE, **arguments: object) -> object:
    with path.open("rb") as file:
        return run(PARSERS + name, file=RangeInput(file, size), arguments=arguments, limits=limits).value


def test_a_parser_reads_the_same_bytes_in_any_order(file: Path) -> None:
    data = file.read_bytes()
    pieces = [(MIB - 3, 0, 10), (-7, 2, 100), (0, 0, 5), (SIZE + 50, 0, 5), (3 * MIB, 0, MIB + 1)]
    answer = asked(file, "digest_of_all", Limits(), step=300_000, pieces=pieces)
    assert isinstance(answer, dict)
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()
    wanted = [data[MIB - 3 : MIB + 7], data[-7:], data[:5], b"", data[3 * MIB : 4 * MIB + 1]]
    assert answer["pieces"] == [piece.hex() for piece in wanted]


@pytest.mark.parametrize(
    ("place", "count"),
    [(SIZE, 1), (SIZE - 1, 2), (1 << 63, 1), ((1 << 64) - 1, 4096), (0, MIB + 1), (0, (1 << 32) - 1)],
)
def test_a_parser_that_asks_for_bytes_beyond_its_file_is_ended(file: Path, place: int, count: int) -> None:
    before = children_of(os.getpid())
    with pytest.raises(SandboxCrashed, match="asked for bytes that the file does not have"):
        asked(file, "ask_for_a_range", request=struct.pack(">QI", place, count).hex())
    assert children_of(os.getpid()) == before


def test_half_a_request_ends_the_child_that_made_it(file: Path) -> None:
    before = children_of(os.getpid())
    with pytest.raises(SandboxCrashed, match="in another form than agreed"):
        asked(file, "ask_for_a_range", request="0000")
    assert children_of(os.getpid()) == before


def test_a_parser_that_closes_its_input_gets_no_more_of_it(file: Path) -> None:
    request = struct.pack(">QI", 0, 100).hex()
    with pytest.raises(SandboxCrashed):
        asked(file, "ask_for_a_range", request=request, close=True)


def test_a_parser_that_asks_and_never_reads_ends_with_its_time(file: Path) -> None:
    before = children_of(os.getpid())
    with pytest.raises(SandboxTimeout):
        asked(file, "ask_and_read_nothing", Limits(seconds=1), request=struct.pack(">QI", 0, MIB).hex())
    assert children_of(os.getpid()) == before


def test_a_file_shorter_than_its_caller_said_is_reported(file: Path) -> None:
    with pytest.raises(SandboxLimit, match="shorter than its caller said"):
        asked(file, "digest_of_all", size=SIZE + 1, step=MIB, pieces=[])


@pytest.mark.parametrize("name", ["honest", "sleep", "crash"])
def test_other_ends_are_as_with_a_file_in_memory(file: Path, name: str) -> None:
    if name == "honest":
        assert asked(file, name, Limits(output_bytes=8 * MIB), say="") == {"size": SIZE, "said": ""}
        return
    with pytest.raises(SandboxTimeout if name == "sleep" else SandboxCrashed):
        asked(file, name, Limits(seconds=1))


def large_image(path: Path, *, damaged: int | None = None) -> str:
    """Write an E01 of more than MAX_INPUT bytes; give the SHA-256 of its content."""
    count = MAX_INPUT // ewf_files.CHUNK + 100
    content = [bytes([n % 251]) * ewf_files.CHUNK for n in range(count)]
    chunks = [(ewf_files.plain(one), False) for one in content]
    if damaged is not None:
        stored = bytearray(chunks[damaged][0])
        stored[5] ^= 4
        chunks[damaged] = (bytes(stored), False)
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(count, count * ewf_files.SECTORS))
    file.add_chunks(chunks)
    whole = b"".join(content)
    file.add(b"digest", ewf_files.digest(whole))
    path.write_bytes(file.end())
    return hashlib.sha256(whole).hexdigest()


def examined(path: Path) -> dict[str, Extraction]:
    with path.open("rb") as file:
        return {answer.extractor: answer for answer in examine(file, path.stat().st_size)}


def test_an_image_larger_than_memory_allows_is_verified_to_its_last_chunk(tmp_path: Path) -> None:
    path = tmp_path / "large.E01"
    digest = large_image(path)
    assert path.stat().st_size > MAX_INPUT
    answers = examined(path)
    assert answers["disk_image"].values["contained.computed.sha256"] == digest
    assert answers["disk_image"].values["verification"] == "verified"
    assert answers["archive"].outcome == Outcome.NOT_APPLICABLE
    large_image(path, damaged=8000)
    answer = examined(path)["disk_image"]
    assert answer.outcome == Outcome.DAMAGED
    assert answer.values["chunks.damaged.list"] == "8000"


def test_reading_in_ranges_takes_little_memory_however_large_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1024 * MIB)
    # The least that code and one MiB at a time need; a file of a GiB would not fit in.
    limits = Limits(seconds=120, memory_bytes=192 * MIB)
    answer = asked(path, "digest_of_all", limits, size=1024 * MIB, step=MIB, pieces=[])
    assert isinstance(answer, dict)
    assert answer["sha256"] == "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"
