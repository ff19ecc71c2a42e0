"""The data folder: modes, secrets, lock, sockets."""

import os
import stat
from pathlib import Path

import pytest

from custody.embedded.data_folder import LONGEST_SOCKET_FOLDER, DataFolder
from custody.embedded.errors import AlreadyRunningError, StartError


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_reads_keys_logs_or_the_list_of_files(data: DataFolder) -> None:
    assert [mode(folder) for folder in (data.keys, data.logs, data.valkey)] == [0o700] * 3
    assert mode(data.root) & 0o077 in {0, 0o011}  # as root, the database's user passes through
    assert mode(data.run) & 0o077 in {0, 0o011}


def test_a_secret_is_made_once_and_kept(data: DataFolder) -> None:
    first = data.secret("django_secret")
    assert len(first) >= 50
    assert DataFolder(data.root).secret("django_secret") == first
    assert data.secret("database_owner") != first
    assert mode(data.keys / "django_secret") == 0o600


def test_a_second_start_on_the_same_folder_is_refused_and_told_who_holds_it(data: DataFolder) -> None:
    refused = pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}")
    with data.locked(), refused, DataFolder(data.root).locked():
        pass
    with data.locked():
        pass


def test_a_file_in_place_of_the_folder_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StartError, match="cannot be used"):
        DataFolder(tmp_path / "data").prepare()


def test_sockets_of_a_long_path_go_to_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = DataFolder(tmp_path / ("long-" * 20))
    deep.prepare()
    folder = deep.socket_folder()
    assert folder.parent == tmp_path
    assert len(folder.name) < LONGEST_SOCKET_FOLDER
    assert mode(folder) & 0o066 == 0
    assert deep.socket_folder() == folder


def test_a_temporary_folder_laid_as_a_trap_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = DataFolder(tmp_path / ("long-" * 20))
    deep.prepare()
    expected = deep.socket_folder()
    expected.rmdir()
    (tmp_path / "trap").mkdir()
    expected.symlink_to(tmp_path / "trap")
    with pytest.raises(StartError, match="belongs to somebody else"):
        deep.socket_folder()
