"""A report says whether it is the sealed or the public copy; those of before were all sealed ones."""

from django.db import migrations, models

VARIANTS = [
    ("sealed", "sealed copy, for the court"),
    ("public", "public copy, without names and free text"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0007_anchor"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="variant",
            field=models.CharField(choices=VARIANTS, default="sealed", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("variant__in", ["sealed", "public"])), name="report_is_sealed_or_public"
            ),
        ),
    ]
