"""Answers to questions, whose cells stand in the ledger like those of releases."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    """Adds the answers, and lets a table of the ledger be one's."""

    dependencies: ClassVar = [("records", "0004_releases")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="AnswerRecord",
            fields=[
                ("answer_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("cells", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.AlterField(
            model_name="ledgertable",
            name="release",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger",
                to="records.releaserecord",
            ),
        ),
        migrations.AddField(
            model_name="ledgertable",
            name="answer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="records.answerrecord"
            ),
        ),
        NothingLeftOver(),
    ]
