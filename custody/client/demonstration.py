"""The demonstration: one small fictional case, played by different people through the public API.

Nothing here is a shortcut: every person logs on, makes a key, signs with it, and uses the same functions as
the command line. Each step looks first at what is there, so an interrupted demonstration goes on where it
stopped and a finished one adds nothing but another report.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import cases, downloads, redactions, reports, source_files, transfers
from .artifacts import make, story
from .cast import Cast
from .display import PlainWatcher
from .drafts import Session
from .errors import ClientError
from .server import Answer
from .sheet import Row, Sheet, build
from .take_in import Intake, Outcome, Plan, Result

OFFENCE = "Labour exploitation"
WARRANT = "Order 14/2026"
_VALID_FROM = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
_CATEGORIES = (
    "communications",
    "device_image",
    "documents",
    "financial",
    "images",
    "traffic_data",
)
_STAFF = ("examiner", "examiner2", "officer", "prosecutor", "advocate")
# Every file is read in a sandbox of its own, on a machine that may have one core.
_PATIENCE = 180.0
_PATIENCE_PER_FILE = 15.0
# What the second person saw on the picture, by exhibit number. What is not here is withheld.
_PIXELS = {
    "KV/1": "I looked at the copy: a wall, a door and a lamp; no person, no writing.",
    "KV/2": "I looked at the copy: a van without number plates before a wall; no person, no writing.",
}
_NOT_SEEN = "The picture can show names or people, and no machine reads them; it stays withheld."


@dataclass(frozen=True)
class Stage:
    """Where the demonstration plays: the people, the case, the files and what is written about them."""

    cast: Cast
    number: str
    title: str
    folder: Path
    sheet: Sheet
    say: Callable[[str], None]
    case: str = ""
    authority: str = ""


def with_made_files(cast: Cast, folder: Path, say: Callable[[str], None]) -> Stage:
    """Set the stage with the artifacts that the project makes itself."""
    made = make.make_artifacts(folder)
    common: Row = {"acquired_by": cast.account("examiner").name}
    rows: list[Row] = [{**artifact.sheet(), **common} for artifact in made]
    return Stage(cast, story.CASE_NUMBER, story.CASE_TITLE, folder, build(rows), say)


def with_files_of(cast: Cast, folder: Path, say: Callable[[str], None]) -> Stage:
    """Set the stage with every file of a folder that somebody brings."""
    common: Row = {
        "file": "*",
        "exhibit_number": "F/{n}",
        "description": "File as found in the folder",
        "category": "device_image",
        "item_class": "general",
        "acquired_by": cast.account("examiner").name,
        "acquired_at": _VALID_FROM.isoformat(),
        "acquired_where": "Folder given to the demonstration",
        "method": "copy",
        "tool": "command-line client",
        "tool_version": "1",
        "write_blocker": "none: a copy was given",
        "seal_number": "none",
        "seal_condition": "not sealed",
    }
    return Stage(cast, "DEMO-2026-002", "Demonstration: files of a folder", folder, build([common]), say)


@dataclass(frozen=True)
class Played:
    """What the demonstration ended with; `late` are exhibits whose redacted copy was not made in time."""

    case: str
    report: Path
    late: tuple[str, ...]


def play(stage: Stage, reports_folder: Path) -> Played:
    """Play the whole case. Raises ClientError when a step fails."""
    stage = open_case(stage)
    register_victims(stage)
    taken = take_in(stage)
    items = read_metadata(stage, taken)
    plan_redactions(stage, items)
    late = decide_redactions(stage, items)
    hand_over(stage, items[0])
    missing = stage.cast.keep_receipts()
    if missing:
        raise ClientError("Receipts are missing. " + " ".join(missing))
    stage.say("Everybody holds the receipts of what they signed, and has checked them.")
    return Played(stage.case, issue_report(stage, reports_folder), tuple(late))


def open_case(stage: Stage) -> Stage:
    """The supervisor opens the case, enters the order it rests on, and assigns the people."""
    supervisor = stage.cast.session("supervisor")
    found = [row for row in supervisor.server.list("cases/") if row["number"] == stage.number]
    if found:
        stage.say(f"The case {stage.number} is here already; the demonstration goes on from what is there.")
        case = str(found[0]["uuid"])
    else:
        case = cases.open_case(supervisor, number=stage.number, title=stage.title, offence=OFFENCE)
        stage.say(f"Case {stage.number} opened and signed by {stage.cast.account('supervisor').name}.")
    assigned = {person["person"] for person in supervisor.server.get(f"cases/{case}/")["people"]}
    for username in _STAFF:
        if stage.cast.person(username) not in assigned:
            cases.assign(supervisor, case=case, person=stage.cast.person(username))
            stage.say(f"  assigned: {stage.cast.account(username).name}, {username}")
    return replace(stage, case=case, authority=_authority(stage, supervisor, case))


def _authority(stage: Stage, supervisor: Session, case: str) -> str:
    for row in supervisor.server.list(f"cases/{case}/authorities/"):
        if row["reference"] == WARRANT:
            return str(row["uuid"])
    until = supervisor.now() + timedelta(days=365)
    wanted = cases.Authority(
        kind="court_order",
        issuer="District Court (fictional)",
        reference=WARRANT,
        scope="Search of the staff house and examination of the things found there",
        categories=_CATEGORIES,
        valid_from=_VALID_FROM,
        valid_until=until,
    )
    authority = cases.add_authority(supervisor, case, wanted)
    stage.say(f"Legal authority {WARRANT} entered, valid until {until:%Y-%m-%d}.")
    return authority


def register_victims(stage: Stage) -> None:
    """The examiner registers the people whose identity the case protects."""
    server = stage.cast.session("examiner").server
    there = server.list(f"cases/{stage.case}/victims/")
    if there:
        stage.say(f"Victims registered: {len(there)}.")
        return
    names = [cases.register_victim(server, stage.case, victim["identifiers"]) for victim in story.VICTIMS]
    stage.say(f"Victims registered under pseudonyms: {', '.join(names)}.")


def take_in(stage: Stage) -> list[Result]:
    """The examiner sends every file, compares digests, signs each intake and keeps the receipts."""
    session = stage.cast.session("examiner")
    intake = Intake(session, Plan(stage.case, stage.authority, stage.sheet), PlainWatcher(stage.say))
    results = intake.run(source_files.find([stage.folder]))
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    stage.say("Files: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + ".")
    for sentence in intake.keep_receipts():
        stage.say(f"  receipt missing: {sentence}")
    taken = [result for result in results if result.outcome is not Outcome.FAILED]
    if not taken:
        raise ClientError("No file was taken in; there is nothing to demonstrate with.")
    return taken


def read_metadata(stage: Stage, taken: list[Result]) -> list[Answer]:
    """Wait until every exhibit was examined; give the exhibits as the server describes them."""
    session = stage.cast.session("examiner")
    deadline = time.monotonic() + _patience(taken)
    said: dict[str, int] = {}
    for result in taken:
        while not (rows := session.server.list(f"items/{result.item}/metadata/")):
            if time.monotonic() > deadline:
                raise ClientError(f"Exhibit {result.item} was not examined in time; is a worker running?")
            session.pause(0.5)
        for row in rows:
            said[str(row["outcome"])] = said.get(str(row["outcome"]), 0) + 1
    words = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(said.items()))
    stage.say(f"Metadata of {len(taken)} exhibits: {words}.")
    return [session.server.get(f"items/{result.item}/") for result in taken]


def plan_redactions(stage: Stage, items: list[Answer]) -> None:
    """The examiner has a redacted copy made of every exhibit that has none."""
    session = stage.cast.session("examiner")
    planned = 0
    for item in items:
        if not session.server.list(f"items/{item['uuid']}/derivatives/"):
            redactions.plan(session, case=stage.case, item=str(item["uuid"]), sha256=str(item["sha256"]))
            planned += 1
    stage.say(f"Redacted copies planned: {planned}.")


def decide_redactions(stage: Stage, items: list[Answer]) -> list[str]:
    """Another examiner releases what the leak check passed, and looks at pictures before deciding.

    Gives the exhibit numbers of the copies that were not made in time.
    """
    late: list[str] = []
    second = stage.cast.session("examiner2")
    deadline = time.monotonic() + _patience(items)
    for item in items:
        for copy in second.server.list(f"items/{item['uuid']}/derivatives/"):
            left = max(0.0, deadline - time.monotonic())
            number = str(item["exhibit_number"])
            made = redactions.wait(second, str(copy["uuid"]), patience=left)
            if made["state"] == "planned":
                late.append(number)
                stage.say(f"  {number}: not made in time")
                continue
            if made["state"] == "made":
                _decide(stage, second, made, number)
                made = second.server.get(f"derivatives/{copy['uuid']}/")
            stage.say(f"  {number}: {_copy_in_words(made)}")
    return late


def _decide(stage: Stage, second: Session, copy: Answer, number: str) -> None:
    if not copy["pixels_not_examined"]:
        redactions.release(second, copy)
        return
    _look_at(stage, second, copy)
    seen = _PIXELS.get(number) if stage.number == story.CASE_NUMBER else None
    if seen:
        redactions.release(second, copy, pixels_reason=seen)
    else:
        redactions.withhold(second, copy, reason=_NOT_SEEN)


def _look_at(stage: Stage, second: Session, copy: Answer) -> None:
    """Fetch the copy as a person would before deciding; the download is recorded."""
    previews = stage.cast.folder / "previews"
    previews.mkdir(mode=0o700, exist_ok=True)
    target = previews / str(copy["uuid"])
    if not target.exists():
        answer = second.server.post(f"derivatives/{copy['uuid']}/download/", {})
        downloads.fetch(second.server.http, str(answer["url"]), target, sha256=str(copy["sha256"]))


def _copy_in_words(copy: Answer) -> str:
    if copy["state"] in {"released", "withheld"}:
        reason = f" ({copy['decision_reason']})" if copy["decision_reason"] else ""
        return f"{copy['state']}, {copy['replacements']} places replaced{reason}"
    return f"{copy['state']}: {copy['problem'] or 'no reason was given'}"


def hand_over(stage: Stage, item: Answer) -> None:
    """The examiner offers an exhibit to the evidence officer, who accepts; the supervisor approves."""
    number, names = str(item["exhibit_number"]), stage.cast
    supervisor = names.session("supervisor")
    rows = [row for row in supervisor.server.list("transfers/") if row["item"] == item["uuid"]]
    state = str(rows[-1]["state"]) if rows else ""
    if state == "approved":
        stage.say(f"Exhibit {number} was handed over already.")
        return
    if state not in {"requested", "accepted"}:
        offer = transfers.Offer(
            item=str(item["uuid"]),
            taker=names.person("officer"),
            purpose="Safe keeping until the hearing",
            place="Evidence store, room 2",
            seal_number=str(item["sheet"].get("seal_number", "none")),
            seal_condition="intact",
        )
        transfer = str(transfers.offer(names.session("examiner"), offer).result["transfer"])
    else:
        transfer = str(rows[-1]["uuid"])
    if state != "accepted":
        transfers.accept(names.session("officer"), transfer, note="Seal and label compared.")
    transfers.approve(supervisor, transfer, note="Seen and approved.")
    stage.say(
        f"Exhibit {number}: offered by {names.account('examiner').name}, accepted by "
        f"{names.account('officer').name} after a re-hash, approved by {names.account('supervisor').name}."
    )


def issue_report(stage: Stage, folder: Path) -> Path:
    """The prosecutor asks for the custody report of the case and fetches it."""
    server = stage.cast.session("prosecutor").server
    report = reports.request_for_case(server, stage.case)
    reports.wait(server, report)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{stage.number}-{report[:8]}.pdf"
    reports.download(server, report, target)
    reports.receipt(server, report, target.with_name(target.name + reports.RECEIPT))
    stage.say(f"Custody report issued to {stage.cast.account('prosecutor').name}: {target}")
    return target


def _patience(things: list[Result] | list[Answer]) -> float:
    return _PATIENCE + _PATIENCE_PER_FILE * len(things)
