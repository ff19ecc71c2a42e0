"""Processes are killed in the middle of their work; afterwards everything is complete, once, and right.

A worker is killed at two places: frozen while the sandbox makes a redacted copy, and inside the transaction that
records metadata. The lease of 45 seconds runs out, the sweep finds the rows, and the work is done again. The files
service is killed while it receives bytes: first its worker, then its master.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psutil
import pytest

from custody.client import downloads, drafts, redactions, sheet
from custody.client.cast import Cast
from custody.client.source_files import SourceFile, find
from custody.client.take_in import Plan, asked_intake
from custody.client.tus import HashedSource, Sender
from custody.embedded.health import answers
from custody.proof import envelope, records
from custody.proof.records import RecordType
from tests.journeys.system import DEMONSTRATION, System

MIB = 1 << 20
PART = 8 * MIB  # half of it is more than the block that the service collects before it writes
# A lease of 45 seconds, a sweep every 15; the rest is the work itself on a busy machine.
RECOVERY_SECONDS = 150.0
TUS = {"Tus-Resumable": "1.0.0"}


class Desk:
    """The examiner's desk in the demonstration's case: files are sent and signed for step by step."""

    def __init__(self, system: System, people: Cast, folder: Path) -> None:
        self.system, self.people, self.folder = system, people, folder
        self.session = people.session("examiner")
        self.begun = 0
        server = self.session.server
        self.case = next(str(row["uuid"]) for row in server.list("cases/") if row["number"] == DEMONSTRATION)
        authority = str(server.list(f"cases/{self.case}/authorities/")[0]["uuid"])
        common: sheet.Row = {
            "file": "*",
            "exhibit_number": f"{datetime.now(UTC):CR-%H%M%S%f}-{{n}}",
            "description": "Notebook, copied",
            "category": "documents",
            "item_class": "general",
            "acquired_by": "Tomás Rey",
            "acquired_at": "2026-03-10T09:00:00Z",
            "acquired_where": "Staff house",
            "method": "copy",
            "tool": "cp",
            "tool_version": "9",
            "write_blocker": "yes",
            "seal_number": "none",
            "seal_condition": "not sealed",
        }
        self.plan = Plan(self.case, authority, sheet.build([common]))

    def begin(self, name: str, data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        """Hand in the form for a file; give the form and the upload."""
        path = self.folder / name
        path.write_bytes(data)
        [source] = find([path])
        assert isinstance(source, SourceFile)
        self.begun += 1
        form = self.plan.sheet.form(source, self.begun)
        order = {"case": self.case, "authority": self.plan.authority, **form}
        return form, self.session.server.post("uploads/", order)

    def send(self, upload: dict[str, Any], data: bytes, chunk: int = 1 << 30) -> None:
        source = HashedSource(io.BytesIO(data), len(data))
        Sender(self.session.server.http).send(str(upload["location"]), source, chunk, lambda reached: None)

    def checked(self, upload: dict[str, Any]) -> dict[str, Any]:
        """Wait until the server has read the bytes back."""

        def state() -> dict[str, Any]:
            return self.session.server.get(f"uploads/{upload['id']}/")

        self.system.until(lambda: state()["state"] != "received", seconds=120)
        return state()

    def sign(self, form: dict[str, Any], upload: dict[str, Any], data: bytes) -> str:
        """Sign the intake of what was checked; give the item."""
        sha256 = hashlib.sha256(data).hexdigest()
        found = self.checked(upload)
        assert (found["state"], found["sha256"]) == ("ready_to_sign", sha256)
        signed = drafts.sign(self.session, asked_intake(self.plan, str(upload["id"]), form, sha256))
        return str(signed.result["item"])

    def take_in(self, name: str, data: bytes) -> str:
        form, upload = self.begin(name, data)
        self.send(upload, data)
        return self.sign(form, upload, data)


@pytest.fixture
def desk(system: System, people: Cast, tmp_path: Path) -> Desk:
    return Desk(system, people, tmp_path)


def ledger_of(system: System, item: str) -> Counter[RecordType]:
    """Count the records of an item by type, read from the entries' own bytes."""
    with system.owner() as connection:
        rows = connection.execute(
            "SELECT e.data FROM ledger_entry e JOIN ledger_subject s ON s.entry_id = e.seq "
            "WHERE s.namespace = 'item' AND s.key = %s",
            [item],
        ).fetchall()
    read = [records.parse(envelope.parse_entry(bytes(data)).payload) for (data,) in rows]
    assert all(UUID(item) in {subject.item for subject in record.subjects} for record in read)
    return Counter(record.type for record in read)


def job_of(system: System, kind: str, subject: str) -> tuple[str, int]:
    """The state of a job and how often it was tried."""
    with system.owner() as connection:
        row = connection.execute(
            "SELECT state, attempts FROM custody_job WHERE kind = %s AND subject = %s", [kind, subject]
        ).fetchone()
    return (str(row[0]), int(row[1])) if row else ("none", 0)


def agrees(system: System, command: str) -> dict[str, Any]:
    done = system.manage(command, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert not found["failed"]
    return found


def freeze_the_busy_one(system: System) -> psutil.Process:
    """Stop the pool's process that has a sandbox below it, as soon as one has."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in system.children("worker"):
            if child.children():
                child.suspend()
                return child
    raise AssertionError("no process of the pool began to work")


def test_a_worker_killed_in_the_middle_of_metadata_and_of_a_copy_loses_and_doubles_nothing(
    system: System, desk: Desk
) -> None:
    letter = b"Rooms 4 and 5.\nLeft to pay 1840.\n" * 2000
    item = desk.take_in("notebook.txt", letter)
    system.until(lambda: job_of(system, "metadata", item)[0] == "done", seconds=120)
    form, upload = desk.begin("second.txt", b"second " + letter)
    desk.send(upload, b"second " + letter)
    desk.checked(upload)

    # 1. A copy is being made: its pool process is frozen while the sandbox is at work.
    sha256 = hashlib.sha256(letter).hexdigest()
    copy = redactions.plan(desk.session, case=desk.case, item=item, sha256=sha256)
    frozen = freeze_the_busy_one(system)
    assert job_of(system, "redaction", copy) == ("running", 1)

    # 2. Metadata are being recorded: the transaction waits for the item's row, which we hold.
    second = desk.sign(form, upload, b"second " + letter)
    with system.owner() as hand, hand.transaction():
        hand.execute("SELECT 1 FROM evidence_item WHERE uuid = %s FOR UPDATE", [second])
        system.until(lambda: _waits_for_a_lock(system), seconds=60)
        assert job_of(system, "metadata", second) == ("running", 1)
        killed = system.children("worker")
        for child in killed:
            child.kill()
    assert frozen in killed
    psutil.wait_procs(killed, timeout=10)
    assert ledger_of(system, second)[RecordType.ITEM_METADATA] == 0
    assert ledger_of(system, item)[RecordType.DERIVATIVE_MAKE] == 0

    # 3. Nobody does anything; the leases run out and the sweep rings again.
    system.until(lambda: job_of(system, "metadata", second)[0] == "done", seconds=RECOVERY_SECONDS)
    system.until(lambda: job_of(system, "redaction", copy)[0] == "done", seconds=RECOVERY_SECONDS)
    assert job_of(system, "metadata", second) == ("done", 2)
    assert job_of(system, "redaction", copy) == ("done", 2)
    assert ledger_of(system, second) == Counter({RecordType.ITEM_INTAKE: 1, RecordType.ITEM_METADATA: 1})
    assert ledger_of(system, item)[RecordType.REDACTION_PLAN] == 1
    assert ledger_of(system, item)[RecordType.DERIVATIVE_MAKE] == 1

    # 4. What was made is what is recorded: another person releases it and gets those bytes.
    other = desk.people.session("examiner2")
    made = other.server.get(f"derivatives/{copy}/")
    redactions.release(other, made)
    target = desk.folder / "copy.txt"
    address = other.server.post(f"derivatives/{copy}/download/", {})["url"]
    downloads.fetch(other.server.http, str(address), target, sha256=str(made["sha256"]))
    assert target.read_bytes() == letter


def _waits_for_a_lock(system: System) -> bool:
    with system.owner() as connection:
        return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def test_the_files_service_killed_in_the_middle_of_an_upload_keeps_what_was_durable_and_goes_on(
    system: System, desk: Desk
) -> None:
    data = random.Random(20260417).randbytes(4 * PART - 12345)
    form, upload = desk.begin("disk.bin", data)
    location = str(upload["location"])

    # 1. One part arrives whole; in the middle of the next the process that receives it is killed.
    _patch(location, data, 0, PART)
    receiver = _gunicorn_worker(system)
    with _half_sent(system, location, data, PART):
        receiver.kill()
    system.until(lambda: _offset(location) is not None, seconds=60)
    assert _offset(location) == PART, "what was durable before is there, and not a byte more"
    assert _gunicorn_worker(system) != receiver

    # 2. The next part goes through; in the middle of the third everything of the service is killed.
    _patch(location, data, PART, 2 * PART)
    master = system.pid("files")
    receiver = _gunicorn_worker(system)
    with _half_sent(system, location, data, 2 * PART):
        os.kill(master, signal.SIGKILL)
        receiver.kill()
    system.until(lambda: system.pid("files") != master, seconds=60)
    system.until(lambda: answers(system.files), seconds=60)
    system.until(lambda: _offset(location) is not None, seconds=60)
    assert _offset(location) == 2 * PART
    assert "files stopped unexpectedly (exit code -9); started again" in system.shown

    # 3. The client asks and goes on; the digest is of the whole file, though no process saw all of it.
    desk.send(upload, data, chunk=PART)
    item = desk.sign(form, upload, data)
    assert ledger_of(system, item)[RecordType.ITEM_INTAKE] == 1
    shown = desk.session.server.get(f"items/{item}/")
    assert (shown["sha256"], shown["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    system.until(lambda: job_of(system, "metadata", item)[0] == "done", seconds=120)
    assert ledger_of(system, item) == Counter({RecordType.ITEM_INTAKE: 1, RecordType.ITEM_METADATA: 1})


def test_after_the_crashes_vault_and_ledger_agree_in_everything(system: System, desk: Desk) -> None:
    assert agrees(system, "check_vault")["objects"] > 12
    assert agrees(system, "replay_ledger")["entries"] > 50


def _offset(location: str) -> int | None:
    """Ask how far the upload is; None while the service is away or still holds the broken connection's lock."""
    try:
        response = httpx.head(location, headers=TUS, timeout=5)
    except httpx.TransportError:
        return None
    return int(response.headers["Upload-Offset"]) if response.status_code == 200 else None


def _headers(offset: int, length: int) -> dict[str, str]:
    kind = "application/offset+octet-stream"
    return {**TUS, "Content-Type": kind, "Upload-Offset": str(offset), "Content-Length": str(length)}


def _patch(location: str, data: bytes, start: int, stop: int) -> None:
    part = data[start:stop]
    response = httpx.patch(location, headers=_headers(start, len(part)), content=part, timeout=60)
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, str(stop))


@contextmanager
def _half_sent(system: System, location: str, data: bytes, start: int) -> Iterator[None]:
    """Half of a part is sent, the service has begun to store it, and the connection stays open meanwhile.

    Were it closed, the service would end the request in good order and keep the half.
    """
    place = urlsplit(location)
    head = [f"PATCH {place.path} HTTP/1.1", f"Host: {place.netloc}"]
    head += [f"{name}: {value}" for name, value in _headers(start, PART).items()]
    before = _staged(system)
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=30) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode("ascii") + data[start : start + PART // 2])
        end = time.monotonic() + 20
        while _staged(system) <= before and time.monotonic() < end:
            time.sleep(0.02)
        assert _staged(system) > before, "the service did not begin to store what was sent"
        yield


def _staged(system: System) -> int:
    return sum(path.stat().st_size for path in (system.data.root / "vault" / "staging").iterdir())


def _gunicorn_worker(system: System) -> psutil.Process:
    system.until(lambda: len(system.children("files")) == 1, seconds=30)
    [found] = system.children("files")
    return found
