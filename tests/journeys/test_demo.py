"""The demonstration ended with a verified report, and nobody it protects can be read anywhere in the system.

The only places that hold the victims' names are the made-up evidence files on the demonstration's own desk, and
the ciphertexts. What the words of people say (descriptions, purposes, reasons) is stored as they write it, here
without names: evidence_item, evidence_upload, custody_transfer, custody_draft, ledger_opening.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import redis
from psycopg import sql

from custody.client import downloads
from custody.client.artifacts import make, story
from custody.client.cast import Cast
from custody.proof.pdf import embedded_bundle
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify_file import verify_file
from custody.proof.verify_log import Scope
from tests.journeys import traces
from tests.journeys.system import DEMONSTRATION, System


def case_of_the_demonstration(people: Cast) -> str:
    rows = people.session("supervisor").server.list("cases/")
    return next(str(row["uuid"]) for row in rows if row["number"] == DEMONSTRATION)


def reports(system: System) -> list[Path]:
    return sorted(system.data.reports.glob(f"{DEMONSTRATION}-*.pdf"))


def test_the_demonstration_succeeded_and_its_report_is_verified_without_the_system(
    system: System, people: Cast
) -> None:
    assert "The demonstration case failed" not in system.shown
    assert "Offline verification with the pinned policy: verified." in system.shown
    assert (system.data.root / "demonstration.txt").exists()
    [report] = reports(system)
    scope = Scope(Namespace.CASE, UUID(case_of_the_demonstration(people)))
    verdict = verify_file(report, policy=system.policy, scope=scope)
    assert verdict.outcome is Outcome.VERIFIED, [f.sentence for f in verdict.findings if f.level != "ok"]


def test_the_search_itself_finds_every_victim_in_the_files_that_name_them() -> None:
    found = set().union(*(traces.in_layers(data) for data in make.contents().values()))
    for person in story.PEOPLE:
        assert {person.name, person.latin, person.phone} & found, person.latin
    # Each way of writing is found, so that what follows is not silent for want of looking.
    name = story.ZOFIE.name
    for written in traces.spellings(name):
        for form in traces.forms(written):
            assert name in traces.in_bytes(b"\x00\xff" + form + b"..")
    for offset in range(3):
        packed = traces.base64.b64encode(b"z" * offset + name.encode() + b"tail")
        assert name in traces.in_bytes(packed)


def test_no_table_of_the_database_names_a_victim(system: System) -> None:
    named, searched = {}, {}
    with system.owner() as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        for (table,) in tables:
            for how in ("TEXT", "BINARY"):  # texts as they are read, and bytes as they are
                statement = sql.SQL("COPY {} TO STDOUT (FORMAT {})").format(
                    sql.Identifier(table), sql.SQL(how)
                )
                with connection.cursor().copy(statement) as copy:
                    data = b"".join(bytes(part) for part in copy)
                searched[table] = len(data)
                if names := traces.in_bytes(data):
                    named[table] = names
    assert named == {}
    for table in (
        "ledger_entry",
        "ledger_opening",
        "evidence_identifier",
        "evidence_metadata",
    ):
        assert searched[table] > 100, f"{table} was empty; the search proves nothing"


def test_no_entry_of_the_ledger_names_a_victim(system: System) -> None:
    with system.owner() as connection:
        rows = connection.execute("SELECT seq, data FROM ledger_entry ORDER BY seq").fetchall()
    assert len(rows) > 50
    assert {seq: found for seq, data in rows if (found := traces.in_layers(bytes(data)))} == {}


def test_no_file_of_the_running_system_names_a_victim(system: System) -> None:
    """Keys, database, write-ahead log, queue, vault, logs, temporary files, the people's own folders."""
    desk = system.data.root / "demo" / "artifacts"
    assert traces.in_files(desk), "the evidence itself must be found"
    found = traces.in_files(system.data.root, without=[desk])
    found |= traces.in_files(system.scratch)
    assert {str(path.relative_to(system.folder)): names for path, names in found.items()} == {}
    for searched in ("logs", "valkey", "vault", "keys"):
        folder = system.data.root / searched
        assert searched == "valkey" or any(path.stat().st_size for path in folder.rglob("*"))


def test_no_key_of_the_queue_names_a_victim(system: System) -> None:
    given = system.environment.get("REDIS_URL")
    place = str(system.data.socket_folder() / "valkey.sock")
    client = redis.Redis.from_url(given) if given else redis.Redis(unix_socket_path=place)
    with client:
        everything = b"\n".join(key + b" " + (client.dump(key) or b"") for key in client.scan_iter("*"))
    assert traces.in_bytes(everything) == set()


def test_no_released_copy_and_no_report_names_a_victim(system: System, people: Cast, tmp_path: Path) -> None:
    case = case_of_the_demonstration(people)
    prosecutor, examiner = people.session("prosecutor").server, people.session("examiner").server
    released = []
    for item in examiner.list(f"cases/{case}/items/"):
        for copy in examiner.list(f"items/{item['uuid']}/derivatives/"):
            if copy["state"] != "released":
                continue
            target = tmp_path / f"{len(released)}-{copy['filename']}".replace("/", "-")
            address = prosecutor.post(f"derivatives/{copy['uuid']}/download/", {})["url"]
            downloads.fetch(prosecutor.http, str(address), target, sha256=str(copy["sha256"]))
            released.append(target)
    assert len(released) >= 5
    assert {path.name: found for path in released if (found := traces.in_layers(path.read_bytes()))} == {}
    for report in reports(system):
        data = report.read_bytes()
        assert traces.in_layers(data) == set(), report.name
        bundle = embedded_bundle(data)
        assert traces.in_layers(bundle) == set(), report.name
        opened = json.loads(bundle)["openings"]
        assert traces.in_bytes(json.dumps(opened, ensure_ascii=False).encode()) == set()


def test_nobody_is_shown_an_identifier_through_the_api(people: Cast) -> None:
    """What the people's own clients are told, of everything that belongs to the case."""
    case = case_of_the_demonstration(people)
    for username in ("examiner", "examiner2", "officer", "supervisor", "prosecutor", "advocate"):
        server = people.session(username).server
        told = [server.get(f"cases/{case}/")]
        if username.startswith("examiner"):
            told += server.list(f"cases/{case}/victims/")
            for item in server.list(f"cases/{case}/items/"):
                told += [server.get(f"items/{item['uuid']}/"), server.get(f"items/{item['uuid']}/chain/")]
                told += server.list(f"items/{item['uuid']}/derivatives/")
        text = json.dumps(told, ensure_ascii=False)
        assert traces.in_bytes(text.encode()) == set(), username
        assert len(text) > 200, username
