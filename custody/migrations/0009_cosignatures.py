"""Cosignatures of witnesses under checkpoints; they are added and never changed.

The guards are not reversible on purpose, as those of 0003.
"""

import django.db.models.deletion
from django.db import migrations, models

ROLE = "unbroken_app"
FUNCTIONS = ""


def statements() -> list[str]:
    """Return the triggers, one statement each."""
    return [
        "CREATE TRIGGER ledger_cosignature_only_grows BEFORE UPDATE OR DELETE ON ledger_cosignature "
        "FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
        "CREATE TRIGGER ledger_cosignature_is_not_truncated BEFORE TRUNCATE ON ledger_cosignature "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()",
    ]


class Migration(migrations.Migration):
    dependencies = [("custody", "0008_report_variant")]
    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("key_hash", models.BinaryField()),
                ("line", models.TextField()),
                ("received", models.DateTimeField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="custody.checkpoint",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_cosignature",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "name", "key_hash"), name="ledger_cosignature_once_per_key"
                    )
                ],
            },
        ),
        *[migrations.RunSQL(statement, elidable=False) for statement in statements()],
        migrations.RunSQL(f"REVOKE UPDATE ON ledger_cosignature FROM {ROLE}", elidable=False),
    ]
