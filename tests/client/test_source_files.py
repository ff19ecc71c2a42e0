"""Finding and reading files that do not want to be found or read."""

import os
import stat
from pathlib import Path

import pytest

from custody.client.errors import SourceChangedError, SourceError
from custody.client.source_files import (
    Obstacle,
    SourceFile,
    find,
    name_to_send,
    open_source,
    shown,
)


def found(*paths: Path) -> dict[str, SourceFile | Obstacle]:
    return {os.fsdecode(one.path.name): one for one in find(paths)}


def sentence(one: SourceFile | Obstacle) -> str:
    assert isinstance(one, Obstacle)
    return one.sentence


def test_folders_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2", "b/1", "a"):
        (tmp_path / name).write_text("x")
    relative = [one.relative for one in find([tmp_path]) if isinstance(one, SourceFile)]
    assert relative == ["a", "b/1", "b/2"]


def test_what_is_not_a_plain_file_with_contents_becomes_an_obstacle(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("empty")
    os.mkfifo(tmp_path / "pipe")
    things = found(tmp_path)
    assert "empty" in sentence(things["empty"])
    assert "links are not followed" in sentence(things["link"])
    assert "pipe" in sentence(things["pipe"])


def test_a_missing_file_and_an_impossible_name_are_told(tmp_path: Path) -> None:
    assert "not there" in sentence(found(tmp_path / "gone")["gone"])
    assert "cannot be read" in sentence(next(iter(find([Path("a\0b")]))))


def test_folders_nested_without_end_are_cut_off_with_a_sentence(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 70)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    (obstacle,) = find([tmp_path])
    assert "nested deeper" in sentence(obstacle)


def test_hostile_names_print_as_escapes() -> None:
    assert shown("a\x1b[31m\n\u202egpj.exe") == "a\\x1b[31m\\x0a\\u202egpj.exe"
    assert shown(os.fsdecode(b"caf\xe9")) == "caf\\xe9"
    assert shown("Žofie مثال") == "Žofie مثال"
    assert len(shown("x" * 300)) < 100


def test_names_are_sent_as_they_are_or_written_out_so_that_they_can_be_found_again() -> None:
    assert name_to_send(Path("100% Ž.jpg")) == "100% Ž.jpg"
    assert name_to_send(Path("a\\b 5%.txt")) == "a%5Cb 5%25.txt"
    assert name_to_send(Path(os.fsdecode(b"caf\xe9\n"))) == "caf%E9%0A"
    assert name_to_send(Path("  ")) == "%20%20"


def test_a_file_that_changed_or_was_replaced_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("first")
    (source,) = [one for one in find([path]) if isinstance(one, SourceFile)]
    path.write_text("second, longer")
    with pytest.raises(SourceChangedError, match="changed since"):
        open_source(source)
    path.unlink()
    with pytest.raises(SourceError, match="not there"):
        open_source(source)
    path.symlink_to("/etc/hostname")
    with pytest.raises(SourceError):
        open_source(source)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceError):  # and does not wait for a writer
        open_source(source)
    assert stat.S_ISFIFO(path.stat().st_mode)
