"""Where outside time stamps lie in the log: rows that are added with their entry and never change."""

import django.db.models.deletion
from django.db import migrations, models

ROLE = "unbroken_app"
# The functions of 0003 guard these rows too.
FUNCTIONS = ""


def statements() -> list[str]:
    """Return the triggers and grants, one statement each."""
    return [
        "CREATE TRIGGER ledger_anchor_only_grows BEFORE UPDATE OR DELETE ON ledger_anchor "
        "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
        "CREATE TRIGGER ledger_anchor_is_not_truncated BEFORE TRUNCATE ON ledger_anchor "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
        f"REVOKE UPDATE ON ledger_anchor FROM {ROLE}",
    ]


class Migration(migrations.Migration):
    dependencies = [("custody", "0006_passkeys")]
    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="custody.entry",
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("time", models.DateTimeField()),
                ("expires", models.DateTimeField()),
                ("authority", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "ledger_anchor",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("size", "authority"), name="ledger_anchor_once_per_head_and_authority"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0), ("size__lte", models.F("entry"))),
                        name="ledger_anchor_lies_behind_its_head",
                    ),
                ],
            },
        ),
        *[migrations.RunSQL(statement, elidable=False) for statement in statements()],
    ]
