"""Sending one file: resume from the server's offset, survive cuts and refusals, hash the whole file once."""

import hashlib
import io
from pathlib import Path

import httpx
import pytest

from custody.client.errors import (
    ClientError,
    ServerRefusedError,
    ServerUnreachableError,
    SourceChangedError,
    UploadGoneError,
)
from custody.client.tus import HashedSource, Sender
from tests.client.fake_server import FakeServer, Upload

DATA = bytes(range(256)) * 1200


def location(fake: FakeServer, *, have: bytes = b"", size: int = len(DATA)) -> str:
    fake.uploads["one"] = Upload({"size": size}, bytearray(have))
    return f"{fake.address}/tus/one"


def send(address: str, source: HashedSource, chunk: int = 100_000) -> tuple[list[int], list[float]]:
    offsets: list[int] = []
    waits: list[float] = []
    with httpx.Client() as http:
        Sender(http, waits.append).send(address, source, chunk, offsets.append)
    return offsets, waits


def test_a_file_arrives_in_chunks_and_is_hashed_on_the_way(fake: FakeServer) -> None:
    source = HashedSource(io.BytesIO(DATA), len(DATA))
    offsets, waits = send(location(fake), source)
    assert bytes(fake.uploads["one"].data) == DATA
    assert source.sha256() == hashlib.sha256(DATA).hexdigest()
    assert offsets[0] == 0
    assert offsets[-1] == len(DATA)
    assert waits == []


def test_sending_goes_on_at_the_servers_offset_and_the_digest_is_of_the_whole_file(fake: FakeServer) -> None:
    source = HashedSource(io.BytesIO(DATA), len(DATA))
    offsets, _ = send(location(fake, have=DATA[:123_457]), source)
    assert offsets[0] == 123_457
    assert bytes(fake.uploads["one"].data) == DATA
    assert source.sha256() == hashlib.sha256(DATA).hexdigest()


def test_a_cut_line_and_a_busy_server_are_tried_again_from_what_arrived(fake: FakeServer) -> None:
    fake.cut_patch_after = [70_000, 0]
    fake.patch_statuses = [503, 423]
    source = HashedSource(io.BytesIO(DATA), len(DATA))
    _, waits = send(location(fake), source)
    assert bytes(fake.uploads["one"].data) == DATA
    assert source.sha256() == hashlib.sha256(DATA).hexdigest()
    assert len(waits) == 4


def test_a_server_that_never_takes_a_byte_ends_the_file_with_a_sentence(fake: FakeServer) -> None:
    fake.patch_statuses = [503] * 50
    with pytest.raises(ServerUnreachableError, match=r"at byte 0 of .*Run the same command again"):
        send(location(fake), HashedSource(io.BytesIO(DATA), len(DATA)))


def test_an_unknown_upload_is_told_apart_from_a_refusal(fake: FakeServer) -> None:
    with pytest.raises(UploadGoneError):
        send(f"{fake.address}/tus/none", HashedSource(io.BytesIO(DATA), len(DATA)))
    fake.patch_statuses = [413]
    with pytest.raises(ServerRefusedError):
        send(location(fake), HashedSource(io.BytesIO(DATA), len(DATA)))


def test_an_upload_of_another_size_is_not_continued(fake: FakeServer) -> None:
    with pytest.raises(UploadGoneError, match="another size"):
        send(location(fake, size=5), HashedSource(io.BytesIO(DATA), len(DATA)))


def test_a_file_that_ends_early_is_told_and_not_padded(fake: FakeServer) -> None:
    source = HashedSource(io.BytesIO(DATA[:150_000]), len(DATA))
    with pytest.raises(SourceChangedError, match="ends at byte 150000"):
        send(location(fake), source)


def test_an_address_that_is_not_an_upload_is_told(fake: FakeServer) -> None:
    fake.files["x"] = b"x"
    with pytest.raises(ClientError):
        send(f"{fake.address}/files/x", HashedSource(io.BytesIO(DATA), len(DATA)))


def test_bytes_sent_twice_are_hashed_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        source = HashedSource(file, len(DATA))
        for start, stop in ((0, 1000), (500, 90_000), (200_000, 200_001), (0, 10)):
            assert b"".join(source.read(start, stop)) == DATA[start:stop]
        assert source.sha256() == hashlib.sha256(DATA).hexdigest()
