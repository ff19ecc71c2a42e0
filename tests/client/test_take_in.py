"""Taking in: every file ends with a sentence, interruptions are resumed, nothing wrong is signed."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from custody.client.drafts import Session
from custody.client.sheet import Sheet, build
from custody.client.source_files import SourceFile, find
from custody.client.take_in import Intake, Outcome, Plan, Result
from tests.client.fake_server import AUTHORITY, CASE, FakeServer

COMMON = {
    "file": "*",
    "exhibit_number": "AB/{n}",
    "seal_number": "S{n}",
    "seal_condition": "intact",
    "category": "documents",
    "item_class": "general",
    "description": "A file",
    "acquired_by": "A. Person",
    "acquired_at": "2026-03-10T09:30:00+00:00",
    "acquired_where": "here",
    "method": "copied",
    "tool": "cp",
    "tool_version": "9",
    "write_blocker": "none needed",
}


class Watcher:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.last: dict[str, int] = {}

    def begins(self, source: SourceFile) -> None:
        self.heard.append(f"begins {source.relative}")

    def reached(self, source: SourceFile, offset: int) -> None:
        self.last[source.relative] = offset

    def ended(self, result: Result) -> None:
        self.heard.append(f"{result.outcome} {result.path.name}")


def run(session: Session, folder: Path, sheet: Sheet | None = None) -> dict[str, Result]:
    plan = Plan(CASE, AUTHORITY, sheet or build([COMMON]))
    intake = Intake(session, plan, Watcher())
    results = intake.run(find([folder]))
    assert intake.keep_receipts() == []
    return {result.path.name: result for result in results}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    return made


def test_files_are_sent_signed_and_get_a_receipt(fake: FakeServer, session: Session, folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).write_bytes(name.encode() * 50_000)
    results = run(session, folder)
    for name in ("one", "two"):
        assert results[name].outcome is Outcome.TAKEN_IN
        assert results[name].sha256 == hashlib.sha256(name.encode() * 50_000).hexdigest()
        assert fake.uploads[results[name].item].state == "sealed"
        assert (session.profile.folder / f"receipts/{results[name].entry}.tlog-proof").exists()


def test_running_again_takes_nothing_in_twice(fake: FakeServer, session: Session, folder: Path) -> None:
    (folder / "one").write_bytes(b"content")
    run(session, folder)
    assert run(session, folder)["one"].outcome is Outcome.ALREADY
    assert len(fake.uploads) == 1


def test_an_interrupted_run_goes_on_where_it_stopped(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    data = os.urandom(300_000)
    (folder / "big").write_bytes(data)
    fake.patch_statuses = [503] * 8
    fake.chunk_bytes = 100_000
    (first,) = run(session, folder).values()
    assert first.outcome is Outcome.FAILED
    assert "Run the same command again" in first.sentence
    (upload,) = fake.uploads.values()
    upload.data += data[:123_456]
    fake.patch_statuses = []
    (second,) = run(session, folder).values()
    assert second.outcome is Outcome.TAKEN_IN
    assert len(fake.uploads) == 1
    assert bytes(upload.data) == data


def test_an_upload_that_the_server_dropped_begins_anew(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    (folder / "big").write_bytes(b"x" * 200_000)
    fake.patch_statuses = [503] * 7
    run(session, folder)
    fake.uploads.clear()
    assert run(session, folder)["big"].outcome is Outcome.TAKEN_IN


def test_bytes_sent_under_another_sheet_are_not_signed_under_this_one(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    (folder / "big").write_bytes(b"x" * 200_000)
    fake.patch_statuses = [503] * 7
    run(session, folder)
    corrected = run(session, folder, build([{**COMMON, "description": "Corrected"}]))
    assert corrected["big"].outcome is Outcome.TAKEN_IN
    assert sorted(upload.state for upload in fake.uploads.values()) == ["cancelled", "sealed"]


def test_other_bytes_at_the_server_are_found_out_and_not_signed(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    (folder / "one").write_bytes(b"content")

    def swap(data: bytearray) -> None:
        data[0] ^= 1

    fake.alter_bytes = swap
    result = run(session, folder)["one"]
    assert result.outcome is Outcome.FAILED
    assert "Nothing was signed" in result.sentence
    assert len(fake.entries) == 1


def test_one_bad_file_does_not_stop_the_others(fake: FakeServer, session: Session, folder: Path) -> None:
    (folder / "good").write_bytes(b"content")
    (folder / "empty").touch()
    (folder / "link").symlink_to("good")
    (folder / "refused").write_bytes(b"content")
    (folder / os.fsdecode(b"odd\xff\x1b[31m\n")).write_bytes(b"content")
    sheet = build(
        [COMMON, {"file": "refused", "exhibit_number": "refused"}, {"file": "lost", "exhibit_number": "L"}]
    )
    results = run(session, folder, sheet)
    outcomes = {os.fsencode(name): result.outcome for name, result in results.items()}
    assert outcomes == {
        b"good": Outcome.TAKEN_IN,
        b"empty": Outcome.FAILED,
        b"link": Outcome.FAILED,
        b"lost": Outcome.FAILED,
        b"refused": Outcome.FAILED,
        b"odd\xff\x1b[31m\n": Outcome.TAKEN_IN,
    }
    assert "exhibit_number: This number is refused." in results["refused"].sentence
    assert "odd%FF%1B[31m%0A" in {upload.form["filename"] for upload in fake.uploads.values()}


def test_an_unreadable_file_is_told(
    fake: FakeServer, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "secret").write_bytes(b"content")
    honest = os.open

    def refusing(path: Any, *arguments: Any) -> int:
        # The tests may run as root, whom no file mode keeps out.
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return honest(path, *arguments)

    monkeypatch.setattr(os, "open", refusing)
    assert "may not be read" in run(session, folder)["secret"].sentence


def test_a_file_that_vanishes_or_changes_during_the_run_is_told(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    for name in ("changed", "gone"):
        (folder / name).write_bytes(b"content")
    found = list(find([folder]))
    (folder / "gone").unlink()
    (folder / "changed").write_bytes(b"other content")
    intake = Intake(session, Plan(CASE, AUTHORITY, build([COMMON])), Watcher())
    sentences = {result.path.name: result.sentence for result in intake.run(found)}
    assert "not there" in sentences["gone"]
    assert "has changed" in sentences["changed"]
    assert fake.entries == [b"genesis"]


def test_a_file_that_changes_while_it_is_sent_is_dropped_at_the_server(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    path = folder / "log"
    path.write_bytes(b"x" * 200_000)

    class Appending(Watcher):
        def reached(self, source: SourceFile, offset: int) -> None:
            if offset:
                path.write_bytes(b"x" * 200_001)

    intake = Intake(session, Plan(CASE, AUTHORITY, build([COMMON])), Appending())
    (result,) = intake.run(find([folder]))
    assert "changed" in result.sentence
    (upload,) = fake.uploads.values()
    assert upload.state == "cancelled"


def test_a_quarantined_upload_says_why(
    fake: FakeServer, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "one").write_bytes(b"content")

    def quarantined(name: str) -> tuple[int, Any]:
        return 200, {
            "id": name,
            "state": "quarantined",
            "problem": "The declared digest is not that of the bytes.",
        }

    monkeypatch.setattr(fake, "_upload", quarantined)
    result = run(session, folder)["one"]
    assert result.outcome is Outcome.FAILED
    assert "declared digest" in result.sentence


def test_a_run_that_stopped_before_signing_sends_nothing_again(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    (folder / "one").write_bytes(b"content")
    fake.stale_signatures = 99
    assert run(session, folder)["one"].outcome is Outcome.FAILED
    fake.stale_signatures = 0
    fake.requests.clear()
    assert run(session, folder)["one"].outcome is Outcome.TAKEN_IN
    assert "PATCH" not in {verb for verb, _ in fake.requests}


def test_checking_of_one_file_overlaps_with_sending_the_next(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    for name in ("a", "b", "c"):
        (folder / name).write_bytes(name.encode())
    fake.polls_before_ready = 4
    results = run(session, folder)
    assert {result.outcome for result in results.values()} == {Outcome.TAKEN_IN}
    patches = [index for index, (verb, _) in enumerate(fake.requests) if verb == "PATCH"]
    signed = [index for index, (_, path) in enumerate(fake.requests) if path.endswith("/sign/")]
    assert max(patches) < min(signed)


def test_a_dead_server_does_not_cost_a_wait_for_each_file(
    fake: FakeServer, session: Session, folder: Path
) -> None:
    for number in range(10):
        (folder / f"{number}").write_bytes(b"x")
    fake.stop()
    intake = Intake(session, Plan(CASE, AUTHORITY, build([COMMON])), Watcher())
    results = intake.run(find([folder]))
    assert [result.outcome for result in results] == [Outcome.FAILED] * 10
    assert sum("Not tried" in result.sentence for result in results) == 7
