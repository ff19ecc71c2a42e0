"""Objects on a local disk: staged encrypted, sealed once, read in ranges."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.vault.errors import (
    FolderUnsafeError,
    ObjectDamagedError,
    ObjectExistsError,
    ObjectMissingError,
    ObjectUnreadableError,
    StagingBusyError,
    StagingLostError,
    StagingUnsettledError,
)
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault, OrphanKind
from evidence.vault.tink import SEGMENT, stored_length

from .stored import Stored, random_bytes, stage, store

DATA = random_bytes(5 * SEGMENT + 321)
MARKER = b"The witness is called Unmistakable. "


def read(vault: LocalVault, stored: Stored, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(vault.read(stored.object_id, stored.extents, stored.key, start, stop))


@pytest.mark.parametrize("length", [0, 1, 1000, len(DATA)])
def test_an_object_comes_back(vault: LocalVault, root: Path, length: int) -> None:
    stored = store(vault, root, DATA[:length], checkpoint_bytes=2 * SEGMENT)
    assert len(stored.extents) == max(1, -(-length // (2 * SEGMENT)))
    assert read(vault, stored) == DATA[:length]
    assert vault.exists(stored.object_id)
    vault.check_object(stored.object_id, stored.extents, stored.key)


def test_a_sealed_object_is_read_only_and_alone(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:1000])
    assert stored.path.stat().st_mode & 0o777 == 0o400
    assert stored.path.stat().st_nlink == 1
    assert list((root / "staging").iterdir()) == []


def test_folders_and_staging_are_for_the_owner_only(vault: LocalVault, root: Path) -> None:
    object_id = uuid4()
    stage(vault, DATA[:1000], new_data_key(), object_id, SEGMENT)
    assert (root / "staging" / str(object_id)).stat().st_mode & 0o777 == 0o600
    for folder in (root, root / "staging", root / "objects"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_vault_that_others_can_enter_is_refused(vault: LocalVault, root: Path) -> None:
    root.chmod(0o750)
    with pytest.raises(FolderUnsafeError):
        LocalVault(root)


def test_no_plain_byte_reaches_the_disk_at_any_time(vault: LocalVault, root: Path) -> None:
    object_id, key = uuid4(), new_data_key()

    def seen() -> bool:
        return any(MARKER[:20] in path.read_bytes() for path in root.rglob("*") if path.is_file())

    with vault.stage(object_id) as staging:
        for _ in range(3):
            writer = staging.append_extent(key)
            for _ in range(200):
                writer.write(MARKER * 500)
            assert not seen()
            staging.keep_extent()
            assert not seen()
    vault.seal(object_id, staging.extents)
    assert not seen()


@given(st.integers(0, len(DATA)), st.integers(0, len(DATA)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_over_extents_comes_back(
    tmp_path_factory: pytest.TempPathFactory, one: int, other: int
) -> None:
    start, stop = min(one, other), max(one, other)
    vault, stored = _shared(tmp_path_factory)
    assert read(vault, stored, start, stop) == DATA[start:stop]


_SHARED: list[tuple[LocalVault, Stored]] = []


def _shared(factory: pytest.TempPathFactory) -> tuple[LocalVault, Stored]:
    if not _SHARED:
        root = factory.mktemp("ranges") / "vault"
        vault = LocalVault(root)
        _SHARED.append((vault, store(vault, root, DATA, checkpoint_bytes=SEGMENT + 7)))
    return _SHARED[0]


def test_a_range_reads_only_the_segments_it_needs(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA)
    content = bytearray(stored.path.read_bytes())
    content[3 * SEGMENT + 5] ^= 1
    stored.rewrite(bytes(content))
    assert read(vault, stored, 0, SEGMENT) == DATA[:SEGMENT]
    with pytest.raises(ObjectDamagedError) as error:
        read(vault, stored)
    assert (error.value.extent, error.value.segment) == (0, 3)


def test_a_range_outside_the_object_is_a_mistake_of_the_caller(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:10])
    for start, stop in ((-1, 5), (5, 4), (0, 11)):
        with pytest.raises(ValueError, match="not within"):
            vault.read(stored.object_id, stored.extents, stored.key, start, stop)


def test_nothing_is_written_twice(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:1000])
    with pytest.raises(ObjectExistsError):
        vault.stage(stored.object_id)
    planted = root / "staging" / str(stored.object_id)
    planted.write_bytes(stored.path.read_bytes())
    with pytest.raises(ObjectExistsError):
        vault.seal(stored.object_id, stored.extents)
    assert read(vault, stored) == DATA[:1000]


def test_sealing_again_after_a_crash_between_its_steps_ends_the_same(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:1000])
    vault.seal(stored.object_id, stored.extents)
    os.link(stored.path, root / "staging" / str(stored.object_id))  # killed after the link
    stored.path.chmod(0o600)
    vault.seal(stored.object_id, stored.extents)
    assert stored.path.stat().st_mode & 0o777 == 0o400
    assert stored.path.stat().st_nlink == 1
    assert read(vault, stored) == DATA[:1000]


def test_nothing_is_sealed_while_bytes_lie_beyond_its_extents(vault: LocalVault) -> None:
    object_id, key = uuid4(), new_data_key()
    extents = stage(vault, DATA, key, object_id, 2 * SEGMENT)
    with pytest.raises(StagingUnsettledError) as error:
        vault.seal(object_id, extents[:1])
    assert error.value.found - error.value.expected == sum(map(stored_length, extents[1:]))
    vault.seal(object_id, extents)
    assert b"".join(vault.read(object_id, extents, key)) == DATA


def test_an_object_needs_an_extent_and_its_staging(vault: LocalVault) -> None:
    with pytest.raises(ValueError, match="at least one extent"):
        vault.seal(uuid4(), ())
    with pytest.raises(StagingLostError) as error:
        vault.seal(uuid4(), (10,))
    assert (error.value.expected, error.value.found) == (stored_length(10), 0)


def test_a_missing_object_is_told_before_the_first_byte(vault: LocalVault) -> None:
    with pytest.raises(ObjectMissingError):
        vault.read(uuid4(), (10,), new_data_key())
    with pytest.raises(ObjectMissingError):
        vault.check_object(uuid4(), (10,), new_data_key())


def test_a_fault_of_the_disk_is_not_called_damage(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:10])
    stored.path.unlink()
    stored.path.mkdir()  # opens, but every read of it fails
    with pytest.raises(ObjectUnreadableError):
        vault.check_object(stored.object_id, stored.extents, stored.key)


def test_a_staged_object_is_not_yet_in_the_vault(vault: LocalVault) -> None:
    object_id, key = uuid4(), new_data_key()
    extents = stage(vault, DATA[:1000], key, object_id, SEGMENT)
    assert not vault.exists(object_id)
    with pytest.raises(ObjectMissingError):
        vault.read(object_id, extents, key)
    with vault.stage(object_id, extents) as staging:
        assert b"".join(staging.read(key)) == DATA[:1000]


def test_one_process_at_a_time_writes_an_object(vault: LocalVault) -> None:
    object_id = uuid4()
    with vault.stage(object_id):
        for refused in (
            lambda: vault.stage(object_id),
            lambda: vault.seal(object_id, (1,)),
            lambda: vault.discard_staging(object_id),
        ):
            with pytest.raises((StagingBusyError, StagingLostError)):
                refused()
    vault.stage(object_id).close()


def test_lost_durable_bytes_are_told(vault: LocalVault, root: Path) -> None:
    object_id = uuid4()
    extents = stage(vault, DATA[:1000], new_data_key(), object_id, SEGMENT)
    path = root / "staging" / str(object_id)
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(StagingLostError):
        vault.stage(object_id, extents)


def test_an_upload_given_up_leaves_nothing(vault: LocalVault, root: Path) -> None:
    object_id = uuid4()
    stage(vault, DATA[:1000], new_data_key(), object_id, SEGMENT)
    vault.discard_staging(object_id)
    vault.discard_staging(object_id)
    assert list((root / "staging").iterdir()) == []


def test_discarding_never_touches_a_sealed_object(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, DATA[:1000])
    vault.discard_staging(stored.object_id)
    os.link(stored.path, root / "staging" / str(stored.object_id))
    with pytest.raises(ObjectExistsError):
        vault.discard_staging(stored.object_id)
    assert read(vault, stored) == DATA[:1000]


def test_orphans_are_listed_and_left_alone(vault: LocalVault, root: Path) -> None:
    known, unknown, upload = store(vault, root, b"known"), store(vault, root, b"unknown"), uuid4()
    stage(vault, b"staged", new_data_key(), upload, SEGMENT)
    (root / "objects" / "notes.txt").write_text("left by somebody")
    misplaced = root / "objects" / str(uuid4())
    misplaced.write_bytes(b"not where an object lies")
    orphans = list(vault.orphans({known.object_id}))
    assert {(orphan.kind, orphan.object_id) for orphan in orphans} == {
        (OrphanKind.OBJECT, unknown.object_id),
        (OrphanKind.STAGING, upload),
        (OrphanKind.STRANGER, None),
    }
    strangers = {orphan.name for orphan in orphans if orphan.kind is OrphanKind.STRANGER}
    assert strangers == {"objects/notes.txt", f"objects/{misplaced.name}"}
    assert all(orphan.modified.tzinfo and orphan.stored_length for orphan in orphans)
    assert unknown.path.exists()
