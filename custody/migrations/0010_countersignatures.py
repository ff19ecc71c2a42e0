"""Further signatures on drafts. They go with their draft, and do not change."""

import django.db.models.deletion
from django.db import migrations, models

ROLE = "unbroken_app"
MAY_DELETE = ["custody_countersignature"]


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0009_cosignatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Countersignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signature", models.BinaryField()),
                ("assertion", models.JSONField(null=True)),
                ("made", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="countersignatures",
                        to="custody.draft",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="custody.signingkey"
                    ),
                ),
            ],
            options={
                "ordering": ["made", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "key"), name="countersignature_once_per_key")
                ],
            },
        ),
        migrations.RunSQL(
            f"GRANT DELETE ON {MAY_DELETE[0]} TO {ROLE}; "
            f"REVOKE UPDATE ON custody_countersignature FROM {ROLE}",
            migrations.RunSQL.noop,
        ),
    ]
