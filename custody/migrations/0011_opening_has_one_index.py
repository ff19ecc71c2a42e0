"""The unique constraint of an opening begins with its entry, so no second index on the entry is needed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0010_countersignatures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="opening",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="openings",
                to="custody.entry",
            ),
        ),
    ]
