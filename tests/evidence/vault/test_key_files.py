"""Secrets kept as files: durable, private, never overwritten, and gone when destroyed."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evidence.vault.errors import (
    FolderUnsafeError,
    KeyDestroyedError,
    KeyMissingError,
    KeyRefusedError,
)
from evidence.vault.key_files import KeyFiles

SECRET = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def files(folder: Path) -> KeyFiles:
    return KeyFiles(folder)


def test_folder_and_file_are_for_the_owner_only(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "one.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "one.key").read_text() == SECRET.hex() + "\n"
    assert sorted(p.name for p in folder.iterdir()) == ["one.key"]


def test_a_secret_comes_back(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    assert files.read("one") == SECRET
    assert KeyFiles(folder).read("one") == SECRET
    assert list(files.names()) == ["one"]


def test_a_secret_is_never_overwritten(files: KeyFiles) -> None:
    files.create("one", SECRET)
    files.create("one", bytes(32))
    assert files.read("one") == SECRET


def test_a_folder_that_others_can_enter_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with pytest.raises(FolderUnsafeError, match="0755"):
        KeyFiles(folder)


def test_a_key_file_that_others_can_read_is_refused(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    (folder / "one.key").chmod(0o640)
    with pytest.raises(FolderUnsafeError):
        files.read("one")


def test_a_link_in_place_of_a_key_file_is_not_followed(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    (folder / "two.key").symlink_to(folder / "one.key")
    with pytest.raises(OSError, match="symbolic links"):
        files.read("two")


def test_a_missing_key_is_said_to_be_missing(files: KeyFiles) -> None:
    with pytest.raises(KeyMissingError):
        files.read("none")


@pytest.mark.parametrize("text", [b"", b"\n", b"abc\n", b"AB\n", b"ab", b"ab\n\n", b"ab" * 500 + b"\n"])
def test_a_malformed_key_file_is_refused(files: KeyFiles, folder: Path, text: bytes) -> None:
    files.create("one", SECRET)
    (folder / "one.key").write_bytes(text)
    with pytest.raises(KeyRefusedError):
        files.read("one")


@pytest.mark.parametrize("name", ["", "../one", "a/b", "One", "a.b", "x" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(files: KeyFiles, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        files.create(name, SECRET)


def test_a_destroyed_secret_is_gone_from_the_folder_and_its_name_stays_taken(
    files: KeyFiles, folder: Path
) -> None:
    files.create("one", SECRET)
    files.destroy("one")
    files.destroy("one")
    assert not any(SECRET.hex().encode() in path.read_bytes() for path in folder.iterdir())
    assert list(files.names()) == []
    for refused in (lambda: files.read("one"), lambda: files.create("one", SECRET)):
        with pytest.raises(KeyDestroyedError):
            refused()


def test_destroying_overwrites_the_file_before_its_name_goes(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    os.link(folder / "one.key", folder.parent / "kept")
    files.destroy("one")
    assert set((folder.parent / "kept").read_bytes()) == {0}


def test_a_crash_between_destroying_marker_and_erasing_is_healed_by_the_next_run(
    files: KeyFiles, folder: Path
) -> None:
    files.create("one", SECRET)
    (folder / "one.destroyed").touch(mode=0o600)
    with pytest.raises(KeyDestroyedError):
        files.read("one")
    files.destroy("one")
    assert not (folder / "one.key").exists()


def test_a_crash_before_the_key_got_its_name_leaves_nothing_behind(files: KeyFiles, folder: Path) -> None:
    (folder / "one.new").write_bytes(b"half a ke")
    files.create("one", SECRET)
    assert files.read("one") == SECRET
    assert not (folder / "one.new").exists()


def test_a_crash_after_the_key_got_its_name_keeps_the_key(files: KeyFiles, folder: Path) -> None:
    files.create("one", SECRET)
    os.link(folder / "one.key", folder / "one.new")
    files.create("one", bytes(32))
    assert files.read("one") == SECRET
    os.link(folder / "one.key", folder / "one.new")
    files.destroy("one")
    assert sorted(p.name for p in folder.iterdir()) == ["one.destroyed"]


def test_many_at_once_agree_on_one_secret(folder: Path) -> None:
    def create(number: int) -> bytes:
        files = KeyFiles(folder)
        files.create("one", bytes([number]) * 32)
        return files.read("one")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(32)))) == 1
