"""Ingest: hashed, encrypted and durable before anybody is told, and never more memory for more bytes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from evidence.vault.errors import SourceError, StagingLimitError, TooLongError
from evidence.vault.hashing import Digests, rehash
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.objects import MAX_EXTENTS, stored_object_length
from evidence.vault.pipeline import ingest
from evidence.vault.staging import Staging

from .stored import random_bytes

PROJECT = Path(__file__).parents[3]
MIB = 1 << 20
DATA = random_bytes(5 * MIB + 999)
KEY = new_data_key()


class Told:
    """What the caller was told, as a database would keep it."""

    def __init__(self) -> None:
        self.length = 0
        self.extents: tuple[int, ...] = ()
        self.times = 0

    def __call__(self, length: int, extents: tuple[int, ...]) -> None:
        self.length, self.extents, self.times = length, extents, self.times + 1


def take(
    staging: Staging, source: Callable[[int], bytes], told: Told, limit: int, checkpoint_bytes: int = 2 * MIB
) -> Digests:
    digests = rehash(staging.read(KEY))
    ingest(
        source,
        staging,
        key=KEY,
        digests=digests,
        limit=limit,
        on_checkpoint=told,
        checkpoint_bytes=checkpoint_bytes,
    )
    return digests


def held(vault: LocalVault, object_id: UUID, extents: tuple[int, ...]) -> bytes:
    with vault.stage(object_id, extents) as staging:
        return b"".join(staging.read(KEY))


def test_one_pass_gives_digests_extents_and_bytes(vault: LocalVault) -> None:
    object_id, told = uuid4(), Told()
    with vault.stage(object_id) as staging:
        digests = take(staging, BytesIO(DATA).read, told, len(DATA))
    assert digests.hexdigests()["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert told.extents == (2 * MIB, 2 * MIB, MIB + 999)
    assert (told.length, told.times) == (len(DATA), 3)
    assert held(vault, object_id, told.extents) == DATA


def test_a_source_that_gives_little_at_a_time_makes_the_same_extents(vault: LocalVault) -> None:
    object_id, told, source = uuid4(), Told(), BytesIO(DATA)
    with vault.stage(object_id) as staging:
        take(staging, lambda size: source.read(min(size, 70_001)), told, len(DATA))
    assert told.extents == (2 * MIB, 2 * MIB, MIB + 999)
    assert held(vault, object_id, told.extents) == DATA


def test_an_object_arrives_over_several_requests(vault: LocalVault) -> None:
    object_id, told = uuid4(), Told()
    for start, stop in ((0, MIB), (MIB, MIB), (MIB, 4 * MIB), (4 * MIB, len(DATA))):
        with vault.stage(object_id, told.extents) as staging:
            digests = take(staging, BytesIO(DATA[start:stop]).read, told, len(DATA) - start)
    assert told.extents == (MIB, 2 * MIB, MIB, MIB + 999)
    assert digests.hexdigests()["sha256"] == hashlib.sha256(DATA).hexdigest()
    vault.seal(object_id, told.extents)
    assert b"".join(vault.read(object_id, told.extents, KEY)) == DATA


def test_the_caller_is_told_only_of_bytes_that_were_synced(
    vault: LocalVault, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_id, synced, told = uuid4(), [], Told()
    path, sync = root / "staging" / str(object_id), os.fsync

    def spy(descriptor: int) -> None:
        sync(descriptor)
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            synced.append(os.fstat(descriptor).st_size)

    def on_checkpoint(length: int, extents: tuple[int, ...]) -> None:
        assert synced[-1] == path.stat().st_size == stored_object_length(extents)
        told(length, extents)

    monkeypatch.setattr(os, "fsync", spy)
    with vault.stage(object_id) as staging:
        ingest(
            BytesIO(DATA).read,
            staging,
            key=KEY,
            digests=Digests(),
            limit=len(DATA),
            on_checkpoint=on_checkpoint,
            checkpoint_bytes=MIB,
        )
    assert told.times == len(synced) == 6


def test_sealing_syncs_the_bytes_before_the_name_and_the_name_before_it_is_done(
    vault: LocalVault, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_id, told, steps = uuid4(), Told(), []
    with vault.stage(object_id) as staging:
        take(staging, BytesIO(DATA).read, told, len(DATA))
    sync, link = os.fsync, os.link

    def spy_sync(descriptor: int) -> None:
        sync(descriptor)
        steps.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root).as_posix())

    def spy_link(source: Path, target: Path) -> None:
        link(source, target)
        steps.append("link")

    monkeypatch.setattr(os, "fsync", spy_sync)
    monkeypatch.setattr(os, "link", spy_link)
    vault.seal(object_id, told.extents)
    at = steps.index("link")
    assert f"sync staging/{object_id}" in steps[:at]
    assert f"sync objects/{str(object_id)[:2]}" in steps[at:]
    assert "sync objects" in steps[at:]
    assert "sync staging" in steps[at:]


def test_a_sender_that_fails_keeps_what_had_arrived(vault: LocalVault) -> None:
    object_id, told, source = uuid4(), Told(), BytesIO(DATA[: 3 * MIB + 5])

    def read(size: int) -> bytes:
        if data := source.read(size):
            return data
        raise ConnectionResetError("the sender went away")

    with vault.stage(object_id) as staging, pytest.raises(SourceError) as error:
        take(staging, read, told, len(DATA))
    assert error.value.taken == told.length == 3 * MIB + 5
    assert isinstance(error.value.__cause__, ConnectionResetError)
    with vault.stage(object_id, told.extents) as staging:
        digests = take(staging, BytesIO(DATA[told.length :]).read, told, len(DATA) - told.length)
    assert digests.hexdigests()["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert held(vault, object_id, told.extents) == DATA


def test_more_than_was_agreed_is_refused_and_costs_only_the_last_extent(vault: LocalVault) -> None:
    object_id, told = uuid4(), Told()
    with vault.stage(object_id) as staging, pytest.raises(TooLongError):
        take(staging, BytesIO(DATA).read, told, 3 * MIB)
    assert told.extents == (2 * MIB,)
    assert held(vault, object_id, told.extents) == DATA[: 2 * MIB]


def test_a_source_that_gives_more_than_asked_is_refused(vault: LocalVault) -> None:
    with vault.stage(uuid4()) as staging, pytest.raises(ValueError, match="more than it was asked"):
        take(staging, lambda size: bytes(size + 1), Told(), 10)


def test_an_empty_object_has_one_empty_extent(vault: LocalVault) -> None:
    object_id, told = uuid4(), Told()
    with vault.stage(object_id) as staging:
        take(staging, BytesIO(b"").read, told, 0)
        assert told.extents == (0,)
    with vault.stage(object_id, told.extents) as staging:
        take(staging, BytesIO(b"").read, told, 0)
        assert (told.extents, told.times) == ((0,), 1)
    vault.seal(object_id, told.extents)
    assert list(vault.read(object_id, told.extents, KEY)) == []
    vault.check_object(object_id, told.extents, KEY)


def test_an_interrupted_empty_request_leaves_no_extent(vault: LocalVault) -> None:
    told = Told()
    with vault.stage(uuid4()) as staging:
        take(staging, BytesIO(b"").read, told, 100)
        assert staging.extents == ()
    assert told.times == 0


def test_digests_that_saw_other_bytes_are_refused(vault: LocalVault) -> None:
    digests = Digests()
    digests.update(b"x")
    with vault.stage(uuid4()) as staging, pytest.raises(ValueError, match="have not seen"):
        ingest(BytesIO(DATA).read, staging, key=KEY, digests=digests, limit=len(DATA), on_checkpoint=Told())


def test_a_database_that_fails_loses_the_extent_and_not_the_object(vault: LocalVault) -> None:
    object_id, told = uuid4(), Told()

    def fail_at_the_second(length: int, extents: tuple[int, ...]) -> None:
        if len(extents) == 2:
            raise RuntimeError("the database went away")
        told(length, extents)

    with vault.stage(object_id) as staging, pytest.raises(RuntimeError):
        ingest(
            BytesIO(DATA).read,
            staging,
            key=KEY,
            digests=Digests(),
            limit=len(DATA),
            on_checkpoint=fail_at_the_second,
            checkpoint_bytes=MIB,
        )
    assert told.extents == (MIB,)
    with vault.stage(object_id, told.extents) as staging:
        take(staging, BytesIO(DATA[MIB:]).read, told, len(DATA) - MIB)
    assert held(vault, object_id, told.extents) == DATA


def test_an_object_of_too_many_extents_is_refused(vault: LocalVault) -> None:
    with vault.stage(uuid4()) as staging:
        staging.extents = (0,) * MAX_EXTENTS
        with pytest.raises(StagingLimitError):
            staging.append_extent(KEY)


def test_memory_does_not_grow_with_the_object(tmp_path: Path) -> None:
    peaks = [peak_kib(tmp_path / str(mib), mib) for mib in (16, 160)]
    assert abs(peaks[1] - peaks[0]) < 4 * 1024


def peak_kib(root: Path, mib: int) -> int:
    command = [sys.executable, "-m", "tests.evidence.vault.child_peak", str(root), str(mib)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, cwd=PROJECT)
    return int(result.stdout)
