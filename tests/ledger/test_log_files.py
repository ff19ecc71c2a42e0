"""The log as files: what mirrors read at /log/ and in an exported folder, and what they do not."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from custody.ledger import publish
from custody.proof.mirror.source import FolderSource
from custody.proof.tiles import tiles_between
from tests.ledger.carried import COURT, mirror


def test_the_exported_log_is_the_log_and_is_brought_up_to_date(cast: Any, item: Any, tmp_path: Path) -> None:
    for _ in range(2):
        publish.publish(cast.now())
        call_command("export_tiles", str(tmp_path / "log"), stdout=StringIO())
        size = publish.newest().size
        files = {
            p.relative_to(tmp_path / "log").as_posix() for p in (tmp_path / "log").rglob("*") if p.is_file()
        }
        assert files == {"checkpoint", *(tile.path for tile in tiles_between(0, size))}
        one = mirror(tmp_path / "state", FolderSource(tmp_path / "log"), COURT)
        one.follow((tmp_path / "log" / "checkpoint").read_text(encoding="utf-8"))
        assert one.size == size
        cast.open_case(number=f"2026-{size}")


def test_exported_files_hold_no_words(cast: Any, item: Any, tmp_path: Path) -> None:
    publish.publish(cast.now())
    call_command("export_tiles", str(tmp_path / "log"), stdout=StringIO())
    everything = b"".join(path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file())
    for words in (
        "Notebook page",
        "Night bus",
        "Tomás Rey",
        "Harbour Street",
        item.exhibit_number,
        "note.txt",
    ):
        assert words.encode() not in everything


def read(path: str, token: str | None = "t1") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return Client().get(f"/log/{path}", headers=headers)


def test_the_log_is_read_with_a_token_only(cast: Any, item: Any, settings: Any) -> None:
    newest = publish.publish(cast.now())
    partial = f"tile/entries/000.p/{newest.size}"
    for token in ("t1", None, ""):
        assert read("checkpoint", token).status_code == 404, "without configured tokens nobody reads it"
    settings.MIRROR_TOKENS = ["t0", "t1"]
    assert read("checkpoint").content.decode() == newest.note
    assert read("checkpoint")["Cache-Control"] == "no-store"
    assert read(partial)["Content-Type"] == "application/octet-stream"
    assert read(partial).status_code == 200
    for token in (None, "", "t2", "t1t1"):
        assert read("checkpoint", token).status_code == 404
        assert read(partial, token).status_code == 404
    assert Client().post("/log/checkpoint", headers={"Authorization": "Bearer t1"}).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "tile/entries/000.p/0",
        "tile/entries/001",
        "tile/0/../checkpoint",
        "tile/9/000",
        "tile/x",
        "tile/",
        "other",
    ],
)
def test_what_the_log_has_not_is_not_found(cast: Any, item: Any, settings: Any, path: str) -> None:
    publish.publish(cast.now())
    settings.MIRROR_TOKENS = ["t1"]
    assert read(path).status_code == 404


def test_entries_that_no_head_covers_are_not_shown(cast: Any, item: Any, settings: Any) -> None:
    settings.MIRROR_TOKENS = ["t1"]
    newest = publish.publish(cast.now())
    cast.open_case(number="2026-0999")
    assert read(f"tile/entries/000.p/{newest.size}").status_code == 200
    assert read(f"tile/entries/000.p/{newest.size + 1}").status_code == 404
