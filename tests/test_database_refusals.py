"""What the database itself refuses, attempted with raw SQL as the application role (architecture, section 6)."""

import uuid

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from custody.jobs import Job, JobKind
from custody.ledger.models import Entry
from custody.transfers import Transfer


@pytest.fixture
def item(cast):
    return cast.take_in(cast.add_authority(cast.open_case()))


def refused(sql: str, *values: object) -> str:
    """Run the statement as the application; return the refusal's words, or fail when it is not refused."""
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(error.value)


def test_the_application_owns_no_table(cast):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        role, is_superuser = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)",
            [role],
        )
        assert (role, is_superuser, cursor.fetchone()[0]) == ("unbroken_app", False, 0)


@pytest.mark.parametrize(
    "table", ["ledger_entry", "ledger_node", "ledger_subject", "ledger_checkpoint", "ledger_cosignature"]
)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_ledger_only_grows(cast, table, verb):
    column = {
        "ledger_entry": "data",
        "ledger_node": "hash",
        "ledger_subject": "key",
        "ledger_checkpoint": "note",
        "ledger_cosignature": "line",
    }[table]
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = {column}",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }[verb]
    assert "permission denied" in refused(statement) or "only grows" in refused(statement)


def test_even_a_role_that_was_given_the_rights_is_refused_by_the_triggers(cast, owner):
    owner.execute("GRANT UPDATE, DELETE ON ledger_entry TO unbroken_app")
    try:
        assert "only grows" in refused("UPDATE ledger_entry SET data = NULL")
        assert "only grows" in refused("DELETE FROM ledger_entry")
    finally:
        owner.execute("REVOKE UPDATE, DELETE ON ledger_entry FROM unbroken_app")


@pytest.mark.parametrize("shift", [-1, 1, 100])
def test_gaps_and_doubles_in_the_ledger(cast, shift):
    last = Entry.objects.order_by("-seq").first()
    sql = "INSERT INTO ledger_entry (seq, leaf_hash, data) VALUES (%s, sha256('\\x00'::bytea || %s), %s)"
    words = refused(sql, last.seq + 1 + shift, b"x", b"x")
    assert "does not follow" in words or "duplicate key" in words


def test_an_entry_whose_leaf_hash_is_not_that_of_its_bytes(cast):
    last = Entry.objects.order_by("-seq").first()
    words = refused(
        "INSERT INTO ledger_entry (seq, leaf_hash, data) VALUES (%s, %s, %s)", last.seq + 1, b"\0" * 32, b"x"
    )
    assert "not that of its bytes" in words


def test_a_head_that_shrinks_or_a_second_one(cast):
    assert "cannot go" in refused("UPDATE ledger_head SET size = size - 1")
    assert "ledger_head_is_one_row" in refused(
        "INSERT INTO ledger_head (id, size, frontier) VALUES (2, 0, '')"
    )


@pytest.mark.parametrize(
    "change",
    [
        "custodian_id = custodian_id + 1",
        "sha256 = repeat('0', 64)",
        "location = 'elsewhere'",
        "last_entry = 0",
    ],
)
def test_an_item_changes_only_with_a_newer_entry(item, change):
    assert "newer ledger entry" in refused(f"UPDATE evidence_item SET {change}")


def test_an_item_changes_only_with_an_entry_about_itself(cast, item):
    other = cast.take_in(item.authority, b"other")
    words = refused(
        "UPDATE evidence_item SET location = 'x', last_entry = %s WHERE uuid = %s", other.last_entry, item.pk
    )
    assert "does not speak of this row" in words


@pytest.mark.parametrize(
    "table", ["evidence_item", "evidence_case", "custody_transfer", "custody_person", "evidence_victim"]
)
def test_nothing_about_evidence_is_deleted(item, table):
    assert "permission denied" in refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"sha256": "'ABC'"}, "item_digests_have_their_shape"),
        ({"size": "0"}, "item_is_not_empty"),
        ({"case_id": "NULL"}, "null value"),
        ({"authority_id": "NULL"}, "null value"),
        ({"custodian_id": "NULL"}, "item_sealed_has_a_custodian"),
    ],
)
def test_an_item_that_is_not_whole(item, columns, constraint):
    names = [f.column for f in item._meta.fields]
    values = ", ".join(columns.get(n, n) for n in names)
    # The copy speaks of the same entry, so that only the constraint in question can refuse it.
    words = refused(
        f"INSERT INTO evidence_item ({', '.join(names)}) SELECT {values} FROM evidence_item LIMIT 1"
    )
    assert constraint in words


@pytest.fixture
def transfer(cast, item):
    return Transfer.objects.get(pk=cast.hand_over(item))


def _copy(changes: dict[str, str]) -> str:
    changes = {"uuid": "gen_random_uuid()", "offer_entry": "0"} | changes
    names = [f.column for f in Transfer._meta.fields]
    values = ", ".join(changes.get(n, n) for n in names)
    return f"INSERT INTO custody_transfer ({', '.join(names)}) SELECT {values} FROM custody_transfer LIMIT 1"


def test_two_open_transfers_for_one_item(transfer):
    assert "transfer_one_open_per_item" in refused(_copy({}))


def test_a_transfer_to_oneself(transfer):
    ended = {"state": "'withdrawn'", "end_entry": "1", "ended_at": "now()"}
    assert "transfer_giver_is_not_taker" in refused(_copy(ended | {"taker_id": "giver_id"}))


@pytest.mark.parametrize("who", ["giver_id", "taker_id"])
def test_an_approver_who_is_giver_or_taker(transfer, who):
    done = {
        "state": "'approved'",
        "approver_id": who,
        "accept_entry": "1",
        "accepted_at": "now()",
        "accept_digest": "repeat('0', 64)",
        "end_entry": "2",
        "ended_at": "now()",
    }
    assert "transfer_approver_is_a_third_person" in refused(_copy(done))


@pytest.mark.parametrize(
    ("state", "constraint"),
    [
        ("accepted", "transfer_accepted_has_entry_time_and_digest"),
        ("approved", "transfer_"),
        ("refused", "transfer_ended_has_entry_and_time"),
        ("withdrawn", "transfer_ended_has_entry_and_time"),
    ],
)
def test_a_state_without_its_person_time_and_entry(transfer, state, constraint):
    assert constraint in refused("UPDATE custody_transfer SET state = %s", state)


def test_an_entry_number_that_no_entry_has(transfer):
    words = refused(
        "UPDATE custody_transfer SET state = 'withdrawn', end_entry = 99999, ended_at = now(); SET CONSTRAINTS ALL IMMEDIATE"
    )
    assert "end_entry_exists" in words


def test_a_transfer_that_has_ended_does_not_change(cast, transfer):
    cast.act("examiner", "transfer.withdraw", transfer=str(transfer.pk), reason="Mistake")
    assert "does not change" in refused("UPDATE custody_transfer SET purpose = 'another'")


def test_a_transfer_does_not_go_backwards_or_to_another_taker(cast, transfer):
    cast.act("officer", "transfer.accept", transfer=str(transfer.pk))
    assert "does not go" in refused("UPDATE custody_transfer SET state = 'requested'")
    assert "do not change" in refused("UPDATE custody_transfer SET taker_id = %s", cast.examiner2.pk)


def test_one_job_per_kind_item_and_recipe(item):
    job = Job.objects.first()
    sql = "INSERT INTO custody_job (uuid, kind, subject, recipe, state, attempts, problem, created) VALUES (%s, %s, %s, %s, 'waiting', 0, '', now())"
    assert "job_once_per_kind_item_and_recipe" in refused(
        sql, uuid.uuid4(), job.kind, job.subject, job.recipe
    )
    assert JobKind(job.kind)


def test_a_sealed_object_is_write_once(item):
    assert "write-once" in refused("UPDATE evidence_storedobject SET extents = '[1]'")


def test_the_application_creates_no_tables(cast):
    assert "permission denied" in refused("CREATE TABLE public.mine (x int)")


def test_psycopg_says_who_refused_not_django(cast):
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry")
    assert isinstance(error.value.__cause__, psycopg.errors.InsufficientPrivilege)
