"""Ingest by threads: any source, any failure, any abandonment ends as it would in one thread, and none is left."""

import errno
import hashlib
import os
import resource
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.vault import appending
from evidence.vault.errors import SourceError, TooLongError
from evidence.vault.hashing import ALONE, Digests, rehash
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import ingest
from evidence.vault.tink import FIRST_PLAIN, NEXT_PLAIN

from .stored import random_bytes

MIB = 1 << 20
DATA = random_bytes(11 * MIB + 4321)
SHA256 = hashlib.sha256(DATA).hexdigest()
KEY = new_data_key()
Source = Callable[[int], bytes]


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    yield
    assert lanes_that_run() == 0


def lanes_that_run() -> int:
    """Count the threads of lanes; others in this process are nobody's business here."""
    return sum(thread.name.startswith("lane-") for thread in threading.enumerate())


class Upload:
    """An object under way in a vault of its own, and what its caller was told."""

    def __init__(self, root: Path, checkpoint_bytes: int = 3 * MIB) -> None:
        self.vault, self.object_id = LocalVault(root), uuid4()
        self.checkpoint_bytes = checkpoint_bytes
        self.extents: tuple[int, ...] = ()
        self.digests = Digests(("sha256", "blake3", "md5"))
        self.threads = {threading.get_ident()}
        self.most_threads = 0

    @property
    def durable(self) -> int:
        return sum(self.extents)

    def run(self, read: Source, limit: int, told: Callable[[int], None] = lambda length: None) -> int:
        def on_checkpoint(length: int, extents: tuple[int, ...]) -> None:
            self.threads.add(threading.get_ident())
            told(length)
            self.extents = extents

        def watched(size: int) -> bytes:
            self.threads.add(threading.get_ident())
            self.most_threads = max(self.most_threads, lanes_that_run())
            return read(size)

        with self.vault.stage(self.object_id, self.extents) as staging:
            return ingest(
                watched,
                staging,
                key=KEY,
                digests=self.digests,
                limit=limit,
                on_checkpoint=on_checkpoint,
                checkpoint_bytes=self.checkpoint_bytes,
            )

    def go_on_and_compare(self) -> None:
        """Send the rest, as a sender does after any failure; all must be there, once."""
        with self.vault.stage(self.object_id, self.extents) as staging:
            self.digests = rehash(staging.read(KEY), ("sha256", "blake3", "md5"))
        self.run(BytesIO(DATA[self.durable :]).read, len(DATA) - self.durable)
        assert self.digests.hexdigests()["sha256"] == SHA256
        self.vault.seal(self.object_id, self.extents)
        self.vault.check_object(self.object_id, self.extents, KEY)
        read = self.vault.read(self.object_id, self.extents, KEY)
        assert hashlib.sha256(b"".join(read)).hexdigest() == SHA256


SIZES = st.one_of(
    st.integers(1, 9000),
    st.integers(1, 3 * MIB),
    st.sampled_from([FIRST_PLAIN, NEXT_PLAIN, NEXT_PLAIN - 1, MIB]),
)


@given(st.lists(SIZES, min_size=1, max_size=6), st.integers(1, 5 * MIB))
@settings(max_examples=25, deadline=None)
def test_pieces_of_any_size_make_the_same_extents_and_digests(
    sizes: list[int], checkpoint_bytes: int
) -> None:
    checkpoint_bytes = max(checkpoint_bytes, 100_000)
    source, turn = BytesIO(DATA), 0

    def read(size: int) -> bytes:
        nonlocal turn
        turn += 1
        # Small pieces at both sides of the place where threads begin, whole ones elsewhere.
        near = abs(source.tell() - ALONE) < 50_000 or turn < 12
        return source.read(min(size, sizes[turn % len(sizes)]) if near else size)

    with TemporaryDirectory() as folder:
        upload = Upload(Path(folder) / "vault", checkpoint_bytes)
        assert upload.run(read, len(DATA)) == len(DATA)
        whole, rest = divmod(len(DATA), checkpoint_bytes)
        assert upload.extents == (checkpoint_bytes,) * whole + ((rest,) if rest else ())
        assert upload.digests.hexdigests() == {
            "sha256": SHA256,
            "md5": hashlib.md5(DATA).hexdigest(),
            "blake3": rehash(iter([DATA[:MIB], DATA[MIB:]])).hexdigests()["blake3"],
        }
        upload.go_on_and_compare()


def test_source_and_database_are_called_in_the_callers_thread_only(tmp_path: Path) -> None:
    upload = Upload(tmp_path / "vault")
    upload.run(BytesIO(DATA).read, len(DATA))
    assert upload.threads == {threading.get_ident()}
    assert upload.most_threads > 0


def test_a_small_upload_starts_no_thread(tmp_path: Path) -> None:
    upload = Upload(tmp_path / "vault")
    upload.run(BytesIO(DATA[:ALONE]).read, ALONE)
    assert upload.most_threads == 0


@given(st.integers(0, len(DATA)))
@settings(max_examples=15, deadline=None)
def test_a_sender_that_fails_anywhere_keeps_every_byte_and_exact_digests(sent: int) -> None:
    source = BytesIO(DATA[:sent])

    def read(size: int) -> bytes:
        if data := source.read(size):
            return data
        raise ConnectionResetError

    with TemporaryDirectory() as folder:
        upload = Upload(Path(folder) / "vault")
        if sent < len(DATA):
            with pytest.raises(SourceError) as error:
                upload.run(read, len(DATA))
            assert error.value.taken == upload.durable == upload.digests.length == sent
        else:
            with pytest.raises(SourceError):
                upload.run(read, len(DATA))
            return
        assert upload.digests.hexdigests()["sha256"] == hashlib.sha256(DATA[:sent]).hexdigest()
        upload.run(BytesIO(DATA[sent:]).read, len(DATA) - sent)
        assert upload.digests.hexdigests()["sha256"] == SHA256


class GivenUpError(BaseException):
    """Like an interrupt: not an error of anything that ingest knows."""


@pytest.mark.parametrize("at", [0, MIB, ALONE + MIB, 9 * MIB])
def test_an_upload_abandoned_in_the_source_goes_on_from_what_was_told(tmp_path: Path, at: int) -> None:
    source, upload = BytesIO(DATA), Upload(tmp_path / "vault")

    def read(size: int) -> bytes:
        if source.tell() >= at:
            raise GivenUpError
        return source.read(size)

    with pytest.raises(GivenUpError):
        upload.run(read, len(DATA))
    assert upload.durable <= at + MIB
    upload.go_on_and_compare()


@pytest.mark.parametrize("extent", [1, 2, 3, 4])
def test_a_database_that_fails_at_any_checkpoint_loses_one_extent(tmp_path: Path, extent: int) -> None:
    upload = Upload(tmp_path / "vault")

    def told(length: int) -> None:
        if length > (extent - 1) * upload.checkpoint_bytes:
            raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        upload.run(BytesIO(DATA).read, len(DATA), told)
    assert len(upload.extents) == extent - 1
    upload.go_on_and_compare()


@pytest.mark.parametrize("limit", [ALONE - 1, 5 * MIB, 9 * MIB])
def test_too_many_bytes_cost_only_the_last_extent(tmp_path: Path, limit: int) -> None:
    upload = Upload(tmp_path / "vault")
    with pytest.raises(TooLongError):
        upload.run(BytesIO(DATA).read, limit)
    assert upload.durable == limit // (3 * MIB) * 3 * MIB
    upload.go_on_and_compare()


@pytest.mark.parametrize("room", [100_000, ALONE + MIB, 8 * MIB])
def test_a_disk_that_is_full_is_told_as_such(tmp_path: Path, room: int) -> None:
    upload = Upload(tmp_path / "vault", checkpoint_bytes=64 * MIB)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(OSError) as error:
            upload.run(BytesIO(DATA).read, len(DATA))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error.value.errno == errno.EFBIG
    assert upload.extents == ()
    upload.go_on_and_compare()


@pytest.mark.parametrize("at", [1, 3, 8])
def test_a_digest_that_fails_is_told_and_its_bytes_come_again(tmp_path: Path, at: int) -> None:
    upload = Upload(tmp_path / "vault", checkpoint_bytes=64 * MIB)
    upload.digests = Failing(at)
    with pytest.raises(MemoryError):
        upload.run(BytesIO(DATA).read, len(DATA))
    upload.go_on_and_compare()


class Failing(Digests):
    """Digests whose SHA-256 gives up at its nth piece, as a library without memory does."""

    def __init__(self, at: int) -> None:
        super().__init__(("sha256", "blake3"))
        self._left = at

    def update(self, data: bytes | bytearray | memoryview) -> None:
        self._count()
        super().update(data)

    def apart(self) -> tuple[Callable[[bytes | bytearray | memoryview], object], ...]:
        def counted(data: bytes | bytearray | memoryview) -> None:
            self._count()
            update(data)

        (update,) = super().apart()
        return (counted,)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise MemoryError


def test_rehashing_much_is_exact_and_a_reader_that_fails_is_told() -> None:
    pieces = [DATA[start : start + MIB] for start in range(0, len(DATA), MIB)]
    assert rehash(iter(pieces)).hexdigests()["sha256"] == SHA256

    def failing() -> Iterator[bytes]:
        yield from pieces[:7]
        raise ValueError("damaged here")

    with pytest.raises(ValueError, match="damaged here"):
        rehash(failing())


@pytest.mark.parametrize("refused", ["opening", "writing"])
def test_on_a_file_system_that_refuses_direct_writes_the_cache_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    direct: set[int] = set()
    refusals: list[str] = []
    opened, written = os.open, os.write

    def refuse(what: str) -> None:
        refusals.append(what)
        raise OSError(errno.EINVAL, f"this file system does not know direct {what}")

    def open_(path: str, flags: int, *rest: int) -> int:
        if flags & appending._DIRECT and refused == "opening":
            refuse(refused)
        descriptor = opened(path, flags, *rest)
        (direct.add if flags & appending._DIRECT else direct.discard)(descriptor)
        return descriptor

    def write(descriptor: int, data: memoryview) -> int:
        if descriptor in direct:
            refuse("writing")
        return written(descriptor, data)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(os, "write", write)
    upload = Upload(tmp_path / "vault")
    upload.run(BytesIO(DATA).read, len(DATA))
    assert held(upload) == DATA
    assert refusals == [refused]  # asked once, and not for every block


def held(upload: Upload) -> bytes:
    with upload.vault.stage(upload.object_id, upload.extents) as staging:
        return b"".join(staging.read(KEY))
