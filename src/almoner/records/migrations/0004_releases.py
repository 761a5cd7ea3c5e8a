"""Releases, what happened to them, and the ledger of every cell ever released."""

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("records", "0003_review_sample")]

    operations = [
        migrations.CreateModel(
            name="ReleaseRecord",
            fields=[
                ("release_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=300)),
                ("state", models.CharField(max_length=12)),
                ("purpose", models.CharField(max_length=60)),
                ("recipient", models.CharField(max_length=60)),
                ("agreement", models.CharField(max_length=120)),
                ("project", models.CharField(max_length=60, null=True)),
                ("author", models.CharField(max_length=150)),
                ("editors", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("version", models.IntegerField()),
                ("cells", models.IntegerField(default=0)),
                ("approved_by", models.CharField(max_length=150, null=True)),
                ("approved_digest", models.CharField(max_length=64, null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("files", models.JSONField(null=True)),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReleaseStep",
            fields=[
                ID,
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="records.releaserecord"
                    ),
                ),
                ("action", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("reason", models.CharField(default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="LedgerTable",
            fields=[
                ID,
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="records.releaserecord"
                    ),
                ),
                ("population", models.CharField(db_index=True, max_length=300)),
                ("cells", models.IntegerField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerCode",
            fields=[
                ID,
                ("dimension", models.CharField(max_length=60)),
                ("code", models.CharField(max_length=300)),
                ("parts", models.BinaryField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="ledgercode",
            constraint=models.UniqueConstraint(fields=("dimension", "code"), name="a_code_is_kept_once"),
        ),
        NothingLeftOver(),
    ]
