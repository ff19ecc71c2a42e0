"""Readings that were not passed are found without looking at all that were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0002_damaged_images"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fixitycheck",
            index=models.Index(
                condition=models.Q(("outcome", "match"), _negated=True),
                fields=["item"],
                name="fixity_check_not_passed",
            ),
        ),
    ]
