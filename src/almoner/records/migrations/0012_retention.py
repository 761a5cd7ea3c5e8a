"""Disposal: its journal and its ledger, legal holds, and rows of a delivery that are held no longer."""

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("records", "0011_front_line")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="rows_in_are_accepted_or_quarantined"),
        migrations.AddField("delivery", "disposed", models.BigIntegerField(default=0)),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(rows_in=models.F("accepted") + models.F("quarantined") + models.F("disposed")),
                name="rows_in_are_accepted_quarantined_or_disposed",
            ),
        ),
        migrations.CreateModel(
            name="DisposalRecord",
            fields=[
                ("disposal_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("subject", models.CharField(max_length=120)),
                ("action", models.CharField(max_length=12)),
                ("state", models.CharField(db_index=True, max_length=12)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("approved_by", models.CharField(max_length=150, null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField()),
                ("people", models.BigIntegerField()),
                ("done", models.JSONField(default=list)),
                ("told", models.JSONField(default=dict)),
                ("sealed", models.BinaryField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DisposedRecord",
            fields=[
                ID,
                (
                    "disposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="references",
                        to="records.disposalrecord",
                    ),
                ),
                ("dataset", models.CharField(db_index=True, max_length=200)),
                ("slot", models.CharField(max_length=60)),
                ("bucket", models.BigIntegerField()),
                ("reference", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("hold_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("until", models.DateField(null=True)),
                ("released_by", models.CharField(max_length=150, null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("sealed", models.TextField()),
            ],
        ),
        NothingLeftOver(),
    ]
