"""The system refuses to start unsafe, and says what to do; migrating as the owner is never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from custody import checks, checks_database
from custody.embedded import roles
from custody.embedded.plan import PROJECT
from custody.ledger import keys
from custody.reports import seal


def ids(*, database: bool = False, deploy: bool = False) -> set[str]:
    """Run our checks and return the ids of what they say; every message says what to do."""
    found = run_checks(
        tags=[checks.TAG], include_deployment_checks=deploy, databases=["default"] if database else None
    )
    assert all(message.hint for message in found)
    return {message.id for message in found}


def text_of(wanted: str, **how: bool) -> str:
    found = run_checks(
        tags=[checks.TAG], databases=["default"], include_deployment_checks=how.get("deploy", False)
    )
    return next(message.msg for message in found if message.id == wanted)


# ---- without a database ----


def test_an_installation_as_it_should_be_has_nothing_to_say(settings):
    assert ids(deploy=True) == set()


def test_no_secret_key(settings):
    settings.SECRET_KEY = ""
    assert "custody.E001" in ids()


def test_a_short_secret_key_is_refused_before_serving(settings):
    settings.SECRET_KEY = "x" * 31
    assert "custody.E002" in ids(deploy=True)
    assert "custody.E002" not in ids()


def test_debug_with_the_keys_of_a_real_log(settings, tmp_path):
    settings.DEBUG, settings.KEYS_DIR, settings.LOG_ORIGIN = True, tmp_path, "evidence.example/log"
    tmp_path.chmod(0o700)
    assert ids() == {"custody.W003"}
    (tmp_path / keys.LOG_KEY).touch(mode=0o600)
    assert ids() == {"custody.E003"}
    settings.LOG_ORIGIN = "demonstration.invalid/custody-log"
    assert ids() == {"custody.W003"}


@pytest.mark.parametrize("name", ["VAULT_DIR", "KEYS_DIR"])
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770])
def test_a_vault_or_keys_folder_that_others_reach(settings, tmp_path, name, mode):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    setattr(settings, name, folder)
    assert "custody.E004" in ids()
    folder.chmod(0o700)
    assert ids() == set()


def test_a_key_file_that_others_can_read(settings, tmp_path):
    settings.KEYS_DIR = tmp_path
    tmp_path.chmod(0o700)
    file = tmp_path / "cases" / "one.key"
    file.parent.mkdir(mode=0o700)
    file.touch()
    file.chmod(0o640)
    assert ids() == {"custody.E004"}
    file.chmod(0o600)
    assert ids() == set()


def test_the_public_certificates_of_the_seal_may_be_readable(settings, tmp_path):
    assert {seal.CERTIFICATE_FILE, seal.AUTHORITY_FILE} == checks.PUBLIC_FILES
    settings.KEYS_DIR = tmp_path
    tmp_path.chmod(0o700)
    (tmp_path / seal.CERTIFICATE_FILE).touch(mode=0o644)
    assert ids() == set()


def test_folders_that_are_not_there_yet_are_no_fault(settings, tmp_path):
    settings.VAULT_DIR, settings.KEYS_DIR = tmp_path / "a", tmp_path / "b"
    assert ids() == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: only root can give a folder away")
def test_a_folder_of_another_user(settings, tmp_path):
    settings.VAULT_DIR = tmp_path / "vault"
    settings.VAULT_DIR.mkdir(mode=0o700)
    os.chown(settings.VAULT_DIR, 65534, 65534)
    assert ids() == {"custody.E004"}


# ---- the database, as the application ----


def test_a_migrated_database_as_the_application_has_nothing_to_say(db):
    assert ids(database=True, deploy=True) - {"custody.E021"} == set()


def test_an_address_at_which_no_passkey_would_verify(cast, settings):
    settings.PUBLIC_URL = "https://elsewhere.example"
    assert "https://elsewhere.example" in text_of("custody.W023")
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert "custody.W023" not in ids(database=True)


def test_the_migration_names_every_guard_that_is_looked_for():
    triggers, constraints, functions = checks_database.expected_guards()
    assert ("ledger_entry", "ledger_entry_only_grows") in triggers
    assert ("evidence_item", "evidence_item_changes_with_a_newer_entry") in triggers
    assert ("custody_transfer", "custody_transfer_end_entry_exists") in constraints
    assert "ledger_only_grows" in functions
    assert (len(triggers) > 40, len(constraints) > 10, len(functions) >= 7) == (True, True, True)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_only_grows", "custody.E013"),
        ("DROP TRIGGER transfer_moves_forward_only ON custody_transfer", "custody.E013"),
        ("ALTER TABLE evidence_item DROP CONSTRAINT evidence_item_last_entry_exists", "custody.E013"),
        (
            "CREATE OR REPLACE FUNCTION nothing_is_deleted() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RETURN OLD; END$$",
            "custody.E014",
        ),
        ("GRANT UPDATE ON ledger_entry TO unbroken_app", "custody.E016"),
        ("GRANT UPDATE (data) ON ledger_entry TO unbroken_app", "custody.E016"),
        ("GRANT DELETE ON evidence_item TO unbroken_app", "custody.E016"),
        ("GRANT TRUNCATE ON django_session TO unbroken_app", "custody.E016"),
        ("GRANT CREATE ON SCHEMA public TO unbroken_app", "custody.E011"),
    ],
)
def test_a_guard_removed_or_a_right_too_many_is_noticed(transactional_db, owner, statement, found):
    owner.execute(statement)
    assert found in ids(database=True, deploy=True)


def test_triggers_switched_off_for_the_whole_role(transactional_db, running_services):
    import psycopg

    admin = psycopg.connect(running_services.admin_url, dbname=running_services.database, autocommit=True)
    with admin:
        admin.execute(
            f"ALTER ROLE {roles.APPLICATION} IN DATABASE {running_services.database} SET session_replication_role = replica"
        )
        try:
            connection.close()
            assert "custody.E015" in ids(database=True)
        finally:
            connection.close()
            admin.execute(
                f"ALTER ROLE {roles.APPLICATION} IN DATABASE {running_services.database} RESET session_replication_role"
            )


def test_another_log_than_the_settings_name(cast, settings):
    settings.LOG_ORIGIN = "somewhere.example/else"
    keys.forget()
    try:
        assert "custody.E018" in ids(database=True)
        assert "somewhere.example/else" in text_of("custody.E018")
    finally:
        keys.forget()


def test_keys_that_are_gone_or_of_another_installation(cast, settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    settings.KEYS_DIR.mkdir(mode=0o700)
    assert "custody.E019" in ids(database=True)
    keys.make_log_key()
    keys.make_service_key()
    assert "custody.E020" in ids(database=True)
    keys.forget()


def test_a_clock_behind_the_newest_signed_head(cast):
    from custody.ledger import publish
    from custody.ledger.append import append
    from custody.ledger.models import Entry

    assert append(bytes(Entry.objects.get(pk=1).data)).index
    publish.publish(timezone.now() + timedelta(days=1))
    assert "custody.E021" in ids(database=True)


# ---- as a command, in a process of its own ----


def manage(*words: str, url: str, services) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **services.environment(), "DATABASE_URL": url}
    environment["DJANGO_SETTINGS_MODULE"] = "custody.settings"
    command = [sys.executable, str(PROJECT / "manage.py"), *words]
    return subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=180, check=False
    )


def test_the_owner_may_migrate_but_not_serve(db, running_services):
    owner = running_services.url(roles.OWNER, running_services.database)
    migrated = manage("migrate", "--no-input", url=owner, services=running_services)
    assert migrated.returncode == 0, migrated.stderr
    served = manage("check", "--deploy", "--database", "default", url=owner, services=running_services)
    assert served.returncode != 0
    assert "custody.E011" in served.stderr
    assert "owns the tables" in served.stderr


def test_the_application_may_serve(db, running_services):
    url = running_services.url(roles.APPLICATION, running_services.database)
    served = manage("check", "--deploy", "--database", "default", url=url, services=running_services)
    assert "custody.E" not in served.stderr.replace("custody.E021", "")


def test_a_database_that_does_not_answer_is_told_in_words(running_services):
    told = manage(
        "check",
        "--database",
        "default",
        url="postgresql://nobody@127.0.0.1:1/none",
        services=running_services,
    )
    assert told.returncode != 0
    assert "custody.E010" in told.stderr
    assert "Traceback" not in told.stderr
