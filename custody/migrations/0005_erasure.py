"""Erasure: openings and bytes of entries go only by a signed order, and only through the database's own function."""

import django.db.models.deletion
from django.db import migrations, models

ROLE = "unbroken_app"
# Without these the log could not be checked or replayed; verifiers refuse to miss them too.
NEVER_ERASED = (
    "genesis",
    "key.register",
    "key.revoke",
    "key.suspect",
    "policy.update",
    "anchor",
    "erasure",
    "log.daily",
)

# The record is read from the entry's own bytes: the order is what was signed, not what a caller says.
FUNCTIONS = f"""
CREATE FUNCTION ledger_payload(number bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT convert_from(decode(convert_from(data, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb
  FROM ledger_entry WHERE seq = number
$$;

-- What an order names: entry and claim; an empty claim means the entry's bytes and all its openings.
CREATE FUNCTION ledger_ordered(number bigint) RETURNS TABLE (entry_id bigint, field text) LANGUAGE sql STABLE AS $$
  WITH ordered AS (SELECT ledger_payload(number) AS record)
  SELECT (one ->> 'index')::bigint, name
    FROM ordered, jsonb_array_elements(record -> 'openings') one, jsonb_array_elements_text(one -> 'fields') name
    WHERE record ->> 'type' = 'erasure'
  UNION ALL
  SELECT (one ->> 'index')::bigint, ''
    FROM ordered, jsonb_array_elements(record -> 'erased') one WHERE record ->> 'type' = 'erasure'
$$;

CREATE FUNCTION ledger_erased_is_ordered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  target jsonb := ledger_payload(NEW.entry_id);
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_ordered(NEW.order_id) o
                 WHERE o.entry_id = NEW.entry_id AND o.field = NEW.field) THEN
    RAISE EXCEPTION 'entry % does not order this erasure in entry %', NEW.order_id, NEW.entry_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.field = '' AND (target ->> 'type' IN {NEVER_ERASED!r} OR target ->> 'type' = 'map.head') THEN
    RAISE EXCEPTION 'entry % is of a type that is never erased', NEW.entry_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_entry_loses_only_erased_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.data IS NULL
     AND (NEW.seq, NEW.leaf_hash, NEW.recorded) IS NOT DISTINCT FROM (OLD.seq, OLD.leaf_hash, OLD.recorded)
     AND EXISTS (SELECT FROM ledger_erased WHERE entry_id = OLD.seq AND field = '') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the custody ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION ledger_opening_goes_by_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_erased
                 WHERE entry_id = OLD.entry_id AND field IN ('', OLD.field)) THEN
    RAISE EXCEPTION 'no record orders the erasure of % of entry %', OLD.field, OLD.entry_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;

CREATE FUNCTION ledger_erase(number bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  done bigint;
BEGIN
  INSERT INTO ledger_erased (entry_id, order_id, field)
    SELECT o.entry_id, number, o.field FROM ledger_ordered(number) o;
  GET DIAGNOSTICS done = ROW_COUNT;
  IF done = 0 THEN
    RAISE EXCEPTION 'entry % orders no erasure', number USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  DELETE FROM ledger_opening USING ledger_erased e
    WHERE ledger_opening.entry_id = e.entry_id AND e.field IN ('', ledger_opening.field) AND order_id = number;
  UPDATE ledger_entry SET data = NULL FROM ledger_erased e
    WHERE seq = e.entry_id AND order_id = number AND e.field = '' AND data IS NOT NULL;
  RETURN done;
END $$;

-- The words of a transfer go with the openings they repeat; nothing else of an ended transfer changes.
CREATE OR REPLACE FUNCTION transfer_moves_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_erased WHERE entry_id IN (OLD.offer_entry, OLD.accept_entry, OLD.end_entry))
     AND to_jsonb(NEW) - ARRAY['purpose', 'place', 'seal_number', 'seal_condition', 'accept_note', 'end_reason']
       = to_jsonb(OLD) - ARRAY['purpose', 'place', 'seal_number', 'seal_condition', 'accept_note', 'end_reason'] THEN
    RETURN NEW;
  END IF;
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
"""

STATEMENTS = [
    "DROP TRIGGER ledger_entry_only_grows ON ledger_entry",
    "CREATE TRIGGER ledger_entry_only_grows BEFORE UPDATE OR DELETE ON ledger_entry "
    "FOR EACH ROW EXECUTE FUNCTION ledger_entry_loses_only_erased_bytes()",
    "CREATE TRIGGER ledger_opening_goes_by_order BEFORE DELETE ON ledger_opening "
    "FOR EACH ROW EXECUTE FUNCTION ledger_opening_goes_by_order()",
    "CREATE TRIGGER ledger_opening_is_not_truncated BEFORE TRUNCATE ON ledger_opening "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
    "CREATE TRIGGER ledger_erased_is_ordered BEFORE INSERT ON ledger_erased "
    "FOR EACH ROW EXECUTE FUNCTION ledger_erased_is_ordered()",
    "CREATE TRIGGER ledger_erased_only_grows BEFORE UPDATE OR DELETE ON ledger_erased "
    "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
    "CREATE TRIGGER ledger_erased_is_not_truncated BEFORE TRUNCATE ON ledger_erased "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
    f"REVOKE INSERT, UPDATE ON ledger_erased FROM {ROLE}",
    f"REVOKE DELETE ON ledger_opening FROM {ROLE}",
    "REVOKE EXECUTE ON FUNCTION ledger_erase(bigint) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION ledger_erase(bigint) TO {ROLE}",
]


def statements() -> list[str]:
    """Return the triggers and grants, one statement each."""
    return STATEMENTS


class Migration(migrations.Migration):
    dependencies = [("custody", "0004_grants")]
    operations = [
        migrations.CreateModel(
            name="Erased",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=60)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasures",
                        to="custody.entry",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="custody.entry"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_erased",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "order", "field"), name="ledger_erased_once_per_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("entry__lt", models.F("order"))),
                        name="ledger_erased_before_its_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, elidable=False),
        *[migrations.RunSQL(statement, elidable=False) for statement in STATEMENTS],
    ]
