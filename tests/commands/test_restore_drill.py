"""The drill of docs/operations.md, section 6: database, vault and keys restored elsewhere, and everything verifies."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from custody.embedded import roles
from custody.embedded.plan import PROJECT
from custody.embedded.postgres import binaries
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.commands.ledger_world import World
from tests.services import drop


@dataclass(frozen=True)
class Restored:
    """The same system at another place: nothing of the first is used any more."""

    folder: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python(str(PROJECT / "manage.py"), *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", *arguments],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def program(world: World, name: str) -> str:
    """Tools of the server's own version: those of the wheel, or those beside the given server."""
    return name if world.services.given_database else str(binaries() / name)


@pytest.fixture
def restored(world: World, tmp_path: Path) -> Iterator[Restored]:
    """Database first, vault second, keys to another place: as the documents say."""
    services, database = world.services, f"{world.services.database}_restored"
    dump = tmp_path / "backup.sql"
    source = psycopg.conninfo.make_conninfo(services.admin_url, dbname=services.database)
    subprocess.run([program(world, "pg_dump"), f"--file={dump}", source], check=True, timeout=120)
    shutil.copytree(settings.VAULT_DIR, tmp_path / "vault")
    shutil.copytree(settings.KEYS_DIR, tmp_path / "keys")
    with psycopg.connect(services.admin_url, autocommit=True) as admin:
        drop(admin, database)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        roles.close_to_others(admin, database)
    target = psycopg.conninfo.make_conninfo(services.admin_url, dbname=database)
    quietly = [
        program(world, "psql"),
        "--quiet",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        f"--file={dump}",
        target,
    ]
    subprocess.run(quietly, check=True, timeout=120, capture_output=True)
    environment = {**os.environ, **services.environment(), "DJANGO_SETTINGS_MODULE": "custody.settings"} | {
        "DATABASE_URL": services.url(roles.APPLICATION, database),
        "UNBROKEN_DATA": str(tmp_path / "data"),
        "UNBROKEN_VAULT": str(tmp_path / "vault"),
        "UNBROKEN_KEYS": str(tmp_path / "keys"),
    }
    (tmp_path / "data").mkdir()
    yield Restored(tmp_path, environment)
    with psycopg.connect(services.admin_url, autocommit=True) as admin:
        drop(admin, database)


def test_database_vault_and_keys_restored_elsewhere_verify_in_everything(
    world: World, restored: Restored
) -> None:
    policy = restored.folder / "policy.txt"
    from custody.proof.policy import format_policy

    policy.write_text(format_policy(world.pinned), encoding="ascii")
    replayed = restored.manage("replay_ledger", "--json", "--policy", str(policy))
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert json.loads(replayed.stdout)["failed"] is False
    vault = restored.manage("check_vault", "--json")
    assert vault.returncode == 0, vault.stdout + vault.stderr
    told = json.loads(vault.stdout)
    assert (told["mismatch"], told["unreadable"], told["failed"]) == (0, 0, False)
    assert told["match"] == told["objects"] > 0
    checked = restored.manage("check", "--database", "default")
    # The clock of the tests' world runs ahead of the machine's, and the check notices; of all else it says nothing.
    assert set(re.findall(r"custody\.[EW][0-9]+", checked.stdout + checked.stderr)) <= {"custody.E021"}


def test_a_report_of_the_restored_system_verifies_under_the_policy_of_the_first(
    world: World, restored: Restored
) -> None:
    made = restored.python(
        "-c",
        "import django, sys; django.setup()\n"
        "from django.utils import timezone\n"
        "from custody.ledger import prove\n"
        f"sys.stdout.buffer.write(prove.prove('item', '{world.moved.pk}', timezone.now()).data)",
    )
    assert made.returncode == 0, made.stderr
    verdict = verify_bundle(made.stdout.encode(), policy=world.pinned)
    assert verdict.outcome is not Outcome.NOT_VERIFIED, [f.sentence for f in verdict.findings]


def test_an_object_that_the_backup_lost_is_named(world: World, restored: Restored) -> None:
    stored = str(world.moved.stored_id)
    (restored.folder / "vault" / "objects" / stored[:2] / stored).unlink()
    vault = restored.manage("check_vault", "--json")
    assert vault.returncode == 2
    [finding] = json.loads(vault.stdout)["findings"]
    assert finding["outcome"] == "unreadable"


def test_without_the_keys_nothing_of_the_evidence_can_be_read(world: World, restored: Restored) -> None:
    """Whoever has the backups of database and vault has no evidence: the keys lie elsewhere."""
    shutil.rmtree(restored.folder / "keys" / "cases")
    vault = restored.manage("check_vault", "--json")
    assert vault.returncode == 2
    told = json.loads(vault.stdout)
    assert told["match"] == 0
