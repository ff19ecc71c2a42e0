"""Take files in: send each, compare digests, sign the intake, keep the receipt; go on when one fails.

Sending and checking overlap: while the server checks one file the next one is sent. What is sent but not
signed is remembered in the profile, so that the same command, run again after an interruption, goes on
where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

from custody.proof.canonical import JSON

from . import drafts, receipts, source_files
from .errors import (
    ClientError,
    DigestMismatchError,
    ServerRefusedError,
    ServerUnreachableError,
    SourceChangedError,
)
from .server import Answer
from .sheet import Sheet, recorded
from .source_files import Obstacle, SourceFile
from .tus import HashedSource, Sender

# How long a checked file may stay unchecked after the last byte arrived, for each gibibyte and at least.
_PATIENCE = 120.0
_PATIENCE_PER_GIB = 60.0
_POLL = 0.25
_DEFAULT_CHUNK = 8 << 20
# After so many files in a row for which the server gave no answer, the others are not tried.
_MAX_SILENCES = 3


class Outcome(StrEnum):
    TAKEN_IN = "taken in"
    ALREADY = "already taken in"
    FAILED = "failed"


@dataclass(frozen=True)
class Result:
    """What became of one file."""

    path: Path
    outcome: Outcome
    sentence: str
    sha256: str = ""
    item: str = ""
    entry: int = -1
    exhibit_number: str = ""


@dataclass(frozen=True)
class Plan:
    """Where the files go and what is written about them."""

    case: str
    authority: str
    sheet: Sheet


class Watcher(Protocol):
    """Hears how far things are (display.py shows it)."""

    def begins(self, source: SourceFile) -> None:
        """A file is about to be sent."""

    def reached(self, source: SourceFile, offset: int) -> None:
        """The server or the line has this many bytes of the file."""

    def ended(self, result: Result) -> None:
        """A file is done, one way or the other."""


@dataclass(frozen=True)
class _Sent:
    """A file whose bytes are all at the server and whose intake is not signed yet."""

    source: SourceFile
    upload: str
    sha256: str
    form: Answer
    deadline: float


class Intake:
    """One run of taking in."""

    def __init__(self, session: drafts.Session, plan: Plan, watcher: Watcher) -> None:
        self._session, self._plan, self._watcher = session, plan, watcher
        self._sender = Sender(session.server.http, session.pause)
        self._waiting: list[_Sent] = []
        self._results: list[Result] = []
        self._silences = 0

    def run(self, found: Iterable[SourceFile | Obstacle]) -> list[Result]:
        """Take in what was found; one result for each file, obstacle and sheet line without file."""
        files: list[SourceFile] = []
        for one in found:
            if isinstance(one, Obstacle):
                self._end(Result(one.path, Outcome.FAILED, one.sentence))
                continue
            files.append(one)
        for name in self._plan.sheet.without_file(files):
            self._end(
                Result(Path(name), Outcome.FAILED, "The exhibit sheet names this file, but it was not found.")
            )
        for number, source in enumerate(files, start=1):
            if self._silences >= _MAX_SILENCES:
                self._end(Result(source.path, Outcome.FAILED, "Not tried: the server does not answer."))
                continue
            self._guard(source, partial(self._send, source, number))
            self._sign_ready()
        while self._waiting:
            self._session.pause(_POLL)
            self._sign_ready()
        return self._results

    def keep_receipts(self) -> list[str]:
        """Fetch and check the receipts of what was signed; give a sentence for each that could not be had."""
        entries = [result.entry for result in self._results if result.entry >= 0]
        return receipts.keep(self._session.server, self._session.profile, entries, self._session.pause)

    def _guard(self, source: SourceFile, step: Callable[[], bool]) -> bool:
        """Run one step for one file and say whether the file is done; what goes wrong ends this file only."""
        try:
            done = step()
            self._silences = 0
            return done
        except (ClientError, OSError) as error:
            self._silences += isinstance(error, ServerUnreachableError)
            self._end(Result(source.path, Outcome.FAILED, str(error)))
            return True

    def _end(self, result: Result) -> None:
        self._results.append(result)
        self._watcher.ended(result)

    def _send(self, source: SourceFile, number: int) -> bool:
        """Bring the bytes of one file to the server; True if it was taken in by an earlier run."""
        self._watcher.begins(source)
        name = self._memory_name(source)
        memory = self._session.profile.read(name)
        if "item" in memory:
            sentence = f"Exhibit {memory['exhibit_number']}, item {memory['item']}."
            self._end(
                Result(source.path, Outcome.ALREADY, sentence, str(memory["sha256"]), str(memory["item"]))
            )
            return True
        form = self._plan.sheet.form(source, number)
        recorded(form)  # what could not be signed in the end is not sent in the first place
        with source_files.open_source(source) as file:
            upload = self._upload_for(name, memory, form)
            hashed = HashedSource(file, source.size)
            try:
                if upload.get("location"):
                    chunk = int(upload.get("chunk_bytes") or _DEFAULT_CHUNK)
                    told = partial(self._watcher.reached, source)
                    self._sender.send(str(upload["location"]), hashed, chunk, told)
                sha256 = hashed.sha256()
                source_files.check_unchanged(source, file)
            except SourceChangedError:
                self._give_up(name, str(upload["id"]))
                raise
        patience = _PATIENCE + _PATIENCE_PER_GIB * source.size / (1 << 30)
        self._waiting.append(_Sent(source, str(upload["id"]), sha256, form, time.monotonic() + patience))
        return False

    def _upload_for(self, name: str, memory: Answer, form: Answer) -> Answer:
        """Give the upload that an earlier run began, as it is now, or make a new one."""
        if memory:
            upload = self._begun(name, memory, form)
            if upload is not None:
                return upload
        order = {"case": self._plan.case, "authority": self._plan.authority, **form}
        upload = self._session.server.post("uploads/", order)
        self._session.profile.write(name, {"upload": str(upload["id"]), "form": self._form_digest(form)})
        return upload

    def _begun(self, name: str, memory: Answer, form: Answer) -> Answer | None:
        if memory["form"] != self._form_digest(form):
            self._give_up(name, str(memory["upload"]))
            return None
        try:
            upload = self._session.server.get(f"uploads/{memory['upload']}/")
        except ServerRefusedError as error:
            if error.status == 404:
                return None
            raise
        return None if upload.get("state") in {"cancelled", "failed"} else upload

    def _memory_name(self, source: SourceFile) -> str:
        """Name the memory of one file's upload by path, size and time: a changed file is another one."""
        path = str(source.path.absolute()).encode("utf-8", "surrogateescape")
        parts = [self._plan.case.encode(), path, b"%d" % source.size, b"%d" % source.mtime_ns]
        digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
        return f"uploads/{digest}.json"

    def _form_digest(self, form: Answer) -> str:
        """Tell one sheet from another: bytes sent under another sheet are not signed under this one."""
        text = json.dumps([self._plan.authority, form], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def _give_up(self, name: str, upload: str) -> None:
        """Drop an upload whose file or sheet is another one now, so that its exhibit number is free again."""
        self._session.profile.forget(name)
        try:
            self._session.server.delete(f"uploads/{upload}/")
        except ServerRefusedError:
            # It is past receiving: the server keeps it, and says so when its exhibit number is wanted again.
            return

    def _sign_ready(self) -> None:
        self._waiting = [
            sent for sent in self._waiting if not self._guard(sent.source, partial(self._finish, sent))
        ]

    def _finish(self, sent: _Sent) -> bool:
        """Sign the intake if the server has checked the file; False while it has not."""
        upload = self._session.server.get(f"uploads/{sent.upload}/")
        state = upload.get("state")
        if state in {"quarantined", "failed", "cancelled"}:
            raise ClientError(
                str(upload.get("problem") or f"The server put the upload into the state {state}.")
            )
        if state not in {"ready_to_sign", "sealed"}:
            if time.monotonic() > sent.deadline:
                raise ClientError(
                    "The server has all bytes but has not checked them. Run the command again later."
                )
            return False
        if upload.get("sha256") != sent.sha256:
            raise DigestMismatchError(
                f"The server received bytes with the SHA-256 {upload.get('sha256')}, "
                f"this file has {sent.sha256}. Nothing was signed."
            )
        if state == "sealed":
            self._sealed(sent, str(upload.get("item")), entry=-1)
        else:
            signed = drafts.sign(self._session, asked_intake(self._plan, sent.upload, sent.form, sent.sha256))
            self._sealed(sent, str(signed.result.get("item", "")), entry=signed.entry)
        return True

    def _sealed(self, sent: _Sent, item: str, *, entry: int) -> None:
        exhibit = str(sent.form["exhibit_number"])
        self._session.profile.write(
            self._memory_name(sent.source),
            {"item": item, "sha256": sent.sha256, "exhibit_number": exhibit},
        )
        sentence = f"Exhibit {exhibit}, item {item}."
        self._end(Result(sent.source.path, Outcome.TAKEN_IN, sentence, sent.sha256, item, entry, exhibit))


def asked_intake(plan: Plan, upload: str, form: Answer, sha256: str) -> drafts.Asked:
    """Say what the record of an intake has to state: what was read here and what the sheet says."""
    values: dict[str, JSON] = {
        "sha256": sha256,
        "size": int(form["size"]),
        "filename": str(form["filename"]),
        "exhibit": str(form["exhibit_number"]),
        "category": str(form["category"]),
        "class": str(form["item_class"]),
        "sheet": recorded(form),
    }
    return drafts.Asked(
        "item.intake",
        {"upload": upload},
        case=plan.case,
        item=upload,
        values=values,
        parts={"authority": {"authority": plan.authority}},
    )
