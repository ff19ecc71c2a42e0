"""What the database itself refuses: the ledger only grows, things change only together with an entry.

Not reversible on purpose: a system that dropped its guards must not look as if it never had them.
"""

from django.db import migrations

APPEND_ONLY = ["ledger_entry", "ledger_node", "ledger_subject", "ledger_checkpoint"]
NEVER_DELETED = [
    "ledger_head",
    "evidence_case",
    "evidence_legalauthority",
    "evidence_item",
    "evidence_storedobject",
    "evidence_upload",
    "evidence_metadata",
    "evidence_fixitycheck",
    "evidence_victim",
    "evidence_derivative",
    "custody_transfer",
    "custody_report",
    "custody_person",
    "custody_signingkey",
]
# (table, column): every number of a ledger entry in the tables is the number of an entry that exists.
ENTRY_COLUMNS = [
    ("evidence_case", "last_entry"),
    ("evidence_legalauthority", "last_entry"),
    ("evidence_item", "last_entry"),
    ("evidence_assignment", "since_entry"),
    ("evidence_assignment", "until_entry"),
    ("evidence_metadata", "entry"),
    ("evidence_fixitycheck", "entry"),
    ("evidence_derivative", "plan_entry"),
    ("evidence_derivative", "made_entry"),
    ("evidence_derivative", "decision_entry"),
    ("custody_transfer", "offer_entry"),
    ("custody_transfer", "accept_entry"),
    ("custody_transfer", "end_entry"),
    ("custody_signingkey", "registered_entry"),
    ("custody_signingkey", "revoked_entry"),
    ("custody_report", "issued_entry"),
]
# (table, namespace, key column): rows that change only together with a newer entry about themselves.
BOUND = [
    ("evidence_item", "item", "uuid"),
    ("evidence_case", "case", "uuid"),
    ("evidence_legalauthority", "case", "case_id"),
]

FUNCTIONS = """
CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the custody ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION nothing_is_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'nothing about evidence is deleted: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION ledger_entry_follows_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM ledger_entry) THEN
    RAISE EXCEPTION 'ledger entry % does not follow the last one', NEW.seq
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.data IS NULL OR NEW.leaf_hash <> sha256('\\x00'::bytea || NEW.data) THEN
    RAISE EXCEPTION 'the leaf hash of ledger entry % is not that of its bytes', NEW.seq
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size THEN
    RAISE EXCEPTION 'the ledger head cannot go from % back to %', OLD.size, NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION row_changes_with_a_newer_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  name text := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
    IF NEW.last_entry <= OLD.last_entry THEN
      RAISE EXCEPTION '% changes only together with a newer ledger entry', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM ledger_subject s
                 WHERE s.namespace = TG_ARGV[0] AND s.key = name AND s.entry_id = NEW.last_entry) THEN
    RAISE EXCEPTION 'ledger entry % does not speak of this row of %', NEW.last_entry, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION transfer_moves_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('requested', 'accepted') AND NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'a transfer that has ended does not change' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (NEW.item_id, NEW.giver_id, NEW.taker_id, NEW.offer_entry) IS DISTINCT FROM
     (OLD.item_id, OLD.giver_id, OLD.taker_id, OLD.offer_entry) THEN
    RAISE EXCEPTION 'item, giver, taker and offer of a transfer do not change'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('requested', 'accepted'), ('requested', 'refused'),
      ('requested', 'withdrawn'), ('accepted', 'withdrawn'), ('accepted', 'approved'), ('accepted', 'rejected'))
     AND NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'a transfer does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION stored_object_is_write_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.sealed AND (NEW.extents, NEW.sealed, NEW.case_id, NEW.uuid) IS DISTINCT FROM
                    (OLD.extents, OLD.sealed, OLD.case_id, OLD.uuid) THEN
    RAISE EXCEPTION 'a sealed object is write-once' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


def statements() -> list[str]:
    """Return the triggers and foreign keys, one statement each."""
    made = []
    for table in APPEND_ONLY:
        made.append(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()"
        )
        made.append(
            f"CREATE TRIGGER {table}_is_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()"
        )
    for table in NEVER_DELETED:
        made.append(
            f"CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION nothing_is_deleted()"
        )
        made.append(
            f"CREATE TRIGGER {table}_is_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION nothing_is_deleted()"
        )
    for table, namespace, column in BOUND:
        made.append(
            f"CREATE TRIGGER {table}_changes_with_a_newer_entry BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION row_changes_with_a_newer_entry('{namespace}', '{column}')"
        )
    for table, column in ENTRY_COLUMNS:
        made.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_exists "
            f"FOREIGN KEY ({column}) REFERENCES ledger_entry (seq)"
        )
    made += [
        "CREATE TRIGGER ledger_entry_follows_the_last BEFORE INSERT ON ledger_entry "
        "FOR EACH ROW EXECUTE FUNCTION ledger_entry_follows_the_last()",
        "CREATE TRIGGER ledger_head_only_grows BEFORE UPDATE ON ledger_head "
        "FOR EACH ROW EXECUTE FUNCTION ledger_head_only_grows()",
        "CREATE TRIGGER transfer_moves_forward_only BEFORE UPDATE ON custody_transfer "
        "FOR EACH ROW EXECUTE FUNCTION transfer_moves_forward_only()",
        "CREATE TRIGGER stored_object_is_write_once BEFORE UPDATE ON evidence_storedobject "
        "FOR EACH ROW EXECUTE FUNCTION stored_object_is_write_once()",
        "INSERT INTO ledger_head (id, size, frontier) VALUES (1, 0, '')",
    ]
    return made


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0002_relations"),
        ("evidence", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(FUNCTIONS, elidable=False),
        *[migrations.RunSQL(statement, elidable=False) for statement in statements()],
    ]
