"""The registry of victims' names must not be where others can read it: command lines, environments, files, errors, logs."""

import logging
import tempfile
import threading
import time
from pathlib import Path

import pytest

from evidence.metadata.sandbox import Limits, SandboxError
from evidence.redaction.in_sandbox import check_in_sandbox, redact_in_sandbox
from evidence.redaction.registry import Hit, Kind, LeakReport, Protected, Redacted, UnsupportedError

SECRET = "Zwetlana Quixadotira"
REGISTRY = [
    Protected("Victim 1", Kind.NAME, SECRET),
    Protected("Victim 1", Kind.ADDRESS, "Quixadotira Lane 77"),
]
MARKS = ("Quixadotira", "Zwetlana")


def _named(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def _children_seen(seen: set[str], stop: threading.Event) -> None:
    """Collect command lines and environments of all processes while the sandbox works."""
    while not stop.is_set():
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            for kind in ("cmdline", "environ"):
                try:
                    seen.add((process / kind).read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
        time.sleep(0.01)


def _files_below(folder: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_size) for path in folder.glob("*") if path.is_file()}


def test_names_are_on_no_command_line_and_in_no_environment_or_temporary_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = _files_below(Path(tempfile.gettempdir()))
    seen: set[str] = set()
    stop = threading.Event()
    watcher = threading.Thread(target=_children_seen, args=(seen, stop))
    watcher.start()
    try:
        redacted = redact_in_sandbox(f"{SECRET} was here. ".encode() * 5_000, "text/plain", REGISTRY)
        report = check_in_sandbox(redacted.data, redacted.content_type, REGISTRY)
    finally:
        stop.set()
        watcher.join()
    assert report.passed
    assert any("sandbox_child" in line for line in seen), "the watcher saw the sandbox at work"
    assert not any(map(_named, seen))
    for path, size in _files_below(Path(tempfile.gettempdir())) - before:
        if size < 10_000_000 and Path(path).exists():
            assert not _named(Path(path).read_bytes().decode("utf-8", "replace"))
    assert not _named(caplog.text)


def test_errors_of_a_refusal_a_crash_and_a_timeout_name_nobody() -> None:
    text = f"{SECRET} ".encode() * 100_000
    with pytest.raises(UnsupportedError) as refusal:
        redact_in_sandbox(b"\0\1\2\3" + text, "text/plain", REGISTRY)
    with pytest.raises(SandboxError) as timeout:
        redact_in_sandbox(text, "text/plain", REGISTRY, limits=Limits(seconds=0.1))
    for problem in (refusal.value, timeout.value):
        assert not _named(repr(problem) + str(problem) + repr(vars(problem)))


def test_what_is_stored_beside_a_copy_names_nobody() -> None:
    redacted: Redacted = redact_in_sandbox(
        f"{SECRET} at Quixadotira Lane 77".encode(), "text/plain", REGISTRY
    )
    report: LeakReport = check_in_sandbox(f"still {SECRET}".encode(), "text/plain", REGISTRY)
    hits: list[Hit] = redacted.hits
    assert hits
    assert report.findings
    stored = f"{[hit.to_json() for hit in hits]} {redacted.remarks} {redacted.tool} {report.to_json()} {redacted!r} {report!r} {REGISTRY!r}"
    assert not _named(stored)
