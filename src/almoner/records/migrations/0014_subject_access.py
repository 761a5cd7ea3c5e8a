"""Subject access: what was gathered for a case, sealed under its key."""

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0013_serving")]

    operations = [
        migrations.CreateModel(
            name="GatheredForCase",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="gathered",
                        serialize=False,
                        to="records.caserecord",
                    ),
                ),
                ("about", models.CharField(db_index=True, max_length=64)),
                ("sealed", models.BinaryField()),
            ],
        ),
        NothingLeftOver(),
    ]
