"""The system checks that ask the database: its guards, who we are there, whether it is this log, the time.

Only questions; nothing is repaired. Messages name what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from custody.ledger import keys, sites
from custody.ledger.keys import KeyFileError
from custody.proof import checkpoint, envelope, note_keys, records
from custody.proof.errors import ProofError

MIGRATE = "Migrate as the owner of the tables: DATABASE_URL of the owner, then `manage.py migrate`."
CONNECT = "See that the server runs, and that DATABASE_URL is its address with the application's role."
RESTORE = (
    "Somebody removed a guard. Find out who and why, run `manage.py replay_ledger`, and restore the guard as "
    "the owner (custody/migrations, the files with the guards)."
)
# In order: a later one may replace a function of an earlier one.
GUARDS = ("0003_guards", "0005_erasure", "0006_passkeys", "0007_anchor", "0009_cosignatures")
# Beside the tables that 0003 names as growing only.
NEVER_UPDATED = (
    "ledger_anchor",
    "ledger_cosignature",
    "ledger_erased",
    "ledger_opening",
    "django_migrations",
)
# Clocks of two machines differ; a checkpoint from the future is only one if it is this far ahead.
CLOCK_TOLERANCE = timedelta(seconds=5)
DATABASE_CLOCK_TOLERANCE = timedelta(minutes=2)


def all_of(databases: Iterable[str]) -> Iterator[CheckMessage]:
    """Ask everything that holds for the application's role; the owner is let through to migrate."""
    for alias in databases:
        try:
            with connections[alias].cursor() as cursor:
                if not _is_migrated(cursor):
                    yield from _not_migrated(cursor)
                elif not _owns(cursor):
                    yield from _guards(cursor)
                    yield from _rights(cursor)
                    yield from _log(cursor)
                    yield from _clock(cursor)
        except DatabaseError as error:
            text = f"The database did not answer the system check: {str(error).strip()}"
            yield Error(text, hint=CONNECT, id="custody.E010")


def role_of(databases: Iterable[str]) -> Iterator[CheckMessage]:
    """Ask whether we are somebody who could switch the guards off."""
    for alias in databases:
        try:
            with connections[alias].cursor() as cursor:
                yield from _role(cursor)
        except DatabaseError:
            continue  # `all_of` says why


def _role(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    cursor.execute(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
        "FROM pg_roles WHERE rolname = current_user"
    )
    name, *powers = cursor.fetchone()
    words = ("is a superuser", "makes roles", "makes databases", "replicates", "bypasses row security")
    held = [word for word, has in zip(words, powers, strict=True) if has]
    if _is_migrated(cursor) and _owns(cursor):
        held.append("owns the tables or may act as their owner")
    if _may_create(cursor):
        held.append("may make tables")
    if held:
        hint = (
            "Connect as unbroken_app, which owns nothing (docs/operations.md); the owner's address is for "
            "`manage.py migrate` only."
        )
        text = f"The application connects as {name}, which could switch off the guards: it {', '.join(held)}."
        yield Error(text, hint=hint, id="custody.E011")


def _is_migrated(cursor: CursorWrapper) -> bool:
    cursor.execute(
        "SELECT to_regclass('ledger_entry') IS NOT NULL AND to_regclass('ledger_head') IS NOT NULL"
    )
    return bool(cursor.fetchone()[0])


def _not_migrated(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    """An empty database is no fault while its owner, who may make tables, is about to fill it."""
    if not _may_create(cursor):
        yield Error("The database has no tables of ours.", hint=MIGRATE, id="custody.E012")


def _may_create(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
    return bool(cursor.fetchone()[0])


def _owns(cursor: CursorWrapper) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p', 'S') AND pg_has_role(current_user, relowner, 'MEMBER'))"
    )
    return bool(cursor.fetchone()[0])


# ---- the guards of the migrations ----


@cache
def expected_guards() -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]], dict[str, str]]:
    """Return triggers and constraints as (table, name), and functions by name, from the migrations themselves."""
    guards = [import_module(f"custody.migrations.{name}") for name in GUARDS]
    text = "\n".join(statement for one in guards for statement in one.statements())
    triggers = re.findall(r"CREATE TRIGGER (\w+) .*? ON (\w+) ", text)
    constraints = re.findall(r"ALTER TABLE (\w+) ADD CONSTRAINT (\w+) ", text)
    bodies = "\n".join(one.FUNCTIONS for one in guards)
    functions = re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$;", bodies, re.DOTALL)
    return frozenset((table, name) for name, table in triggers), frozenset(constraints), dict(functions)


def _guards(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    triggers, constraints, functions = expected_guards()
    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    missing = triggers - set(cursor.fetchall())
    cursor.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE convalidated AND contype = 'f'"
    )
    missing |= constraints - set(cursor.fetchall())
    if missing:
        names = ", ".join(sorted(name for _, name in missing))
        text = f"{len(missing)} guards of the ledger are missing or switched off: {names}."
        yield Error(text, hint=RESTORE, id="custody.E013")
    cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    there = dict(cursor.fetchall())
    changed = sorted(name for name, body in functions.items() if there.get(name) != body)
    if changed:
        text = f"Guards of the ledger do something else than they should: {', '.join(changed)}."
        yield Error(text, hint=RESTORE, id="custody.E014")
    cursor.execute("SHOW session_replication_role")
    if cursor.fetchone()[0] != "origin":
        text = "Triggers are switched off for our sessions (session_replication_role)."
        yield Error(text, hint=RESTORE, id="custody.E015")


# ---- what we may and must not do with tables ----


def _rights(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    guards, grants = (import_module(f"custody.migrations.{name}") for name in ("0003_guards", "0004_grants"))
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = [name for (name,) in cursor.fetchall()]
    pairs = [(table, verb) for table in tables for verb in ("TRUNCATE", "TRIGGER", "REFERENCES")]
    forgettable = {*grants.MAY_DELETE, *import_module("custody.migrations.0010_countersignatures").MAY_DELETE}
    pairs += [(table, "DELETE") for table in tables if table not in forgettable]
    pairs += [(table, "UPDATE") for table in [*guards.APPEND_ONLY, *NEVER_UPDATED]]
    values = ", ".join(["(%s, %s)"] * len(pairs))
    cursor.execute(
        f"SELECT t, v FROM (VALUES {values}) AS wanted (t, v) "  # noqa: S608 - placeholders only
        "WHERE has_table_privilege(current_user, t, v) "
        "OR (v IN ('UPDATE', 'REFERENCES') AND has_any_column_privilege(current_user, t, v))",
        [word for pair in pairs for word in pair],
    )
    held = sorted(f"{verb} on {table}" for table, verb in cursor.fetchall())
    if held:
        hint = "As the owner: REVOKE these from the application's role, and find out who granted them."
        text = f"The application has rights that it should not have: {', '.join(held[:12])}"
        yield Error(text + (" …" if len(held) > 12 else "."), hint=hint, id="custody.E016")


# ---- is it this log ----


def _log(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    cursor.execute("SELECT data FROM ledger_entry WHERE seq = 0")
    row = cursor.fetchone()
    if row is None:
        return  # `open_log` comes next
    try:
        genesis = records.parse(envelope.parse_entry(bytes(row[0] or b"")).payload)
    except ProofError as error:
        hint = "Restore the database from a backup that `manage.py replay_ledger` finds whole."
        yield Error(f"The first entry of the ledger cannot be read: {error}", hint=hint, id="custody.E017")
        return
    if genesis.log != settings.LOG_ORIGIN:
        text = f"The log in this database is {genesis.log}, the settings say {settings.LOG_ORIGIN}."
        hint = f"Set UNBROKEN_LOG_ORIGIN={genesis.log}, or connect to the right database."
        yield Error(text, hint=hint, id="custody.E018")
        return
    yield from _log_key(cursor)
    yield from _passkeys()


def _passkeys() -> Iterator[CheckMessage]:
    """Signatures of passkeys verify only where the log has stated our address before."""
    own = sites.own()
    if own is not None and own not in sites.stated():
        hint = "An administrator states it: Administration, Passkeys. Until then nobody adds or uses a passkey here."
        yield Warning(
            f"The log does not state {own.origin}, so passkeys do not work there.",
            hint=hint,
            id="custody.W023",
        )


def _log_key(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    """The key in the folder is the one that signed the newest head, so it will go on signing this log."""
    hint = (
        "Restore the keys folder of this installation (UNBROKEN_KEYS); without it nothing can be published."
    )
    keys.forget()
    try:
        public = keys.note_signer().public
        second = keys.post_quantum_signer()
        keys.service_key()
    except (KeyFileError, ProofError, OSError) as error:
        yield Error(f"The log's keys cannot be used: {error}", hint=hint, id="custody.E019")
        return
    cursor.execute("SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
    row = cursor.fetchone()
    if row is None:
        return
    try:
        note = checkpoint.parse_note(row[0])
        note_keys.verify_note(note, [public])
    except ProofError as error:
        text = f"The key in the keys folder did not sign the newest head of this log: {error}"
        yield Error(text, hint=hint, id="custody.E020")
        return
    known = {public.key_hash, second.public.key_hash if second else b""}
    if any(one.name == public.name and one.key_hash not in known for one in note.signatures):
        text = "The newest head of this log is signed by its post-quantum key too, which is not in the keys folder."
        yield Error(text, hint=hint, id="custody.E031")


# ---- what time is it ----


def _clock(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    now = timezone.now()
    cursor.execute("SELECT max(published) FROM ledger_checkpoint")
    published: datetime | None = cursor.fetchone()[0]
    if published is not None and now < published - CLOCK_TOLERANCE:
        text = (
            f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, but the newest signed head was published at "
            f"{published:%Y-%m-%d %H:%M:%S}."
        )
        hint = "Set this machine's clock (chronyc makestep, timedatectl) before anything is recorded."
        yield Error(text, hint=hint, id="custody.E021")
    cursor.execute("SELECT clock_timestamp()")
    apart = abs(cursor.fetchone()[0] - timezone.now())
    if apart > DATABASE_CLOCK_TOLERANCE:
        text = (
            f"The clocks of this machine and of the database are {apart.total_seconds():.0f} seconds apart."
        )
        hint = "Let both follow the same time source."
        yield Warning(text, hint=hint, id="custody.W022")
