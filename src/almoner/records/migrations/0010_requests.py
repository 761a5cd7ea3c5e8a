"""Requests: cases, what happened to them, and the log of what was disclosed."""

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_asking"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseRecord",
            fields=[
                ("case_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(db_index=True, max_length=20)),
                ("state", models.CharField(db_index=True, max_length=24)),
                ("version", models.IntegerField()),
                ("received_on", models.DateField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=150)),
                ("assigned_to", models.CharField(max_length=150, null=True)),
                ("acknowledged_on", models.DateField(null=True)),
                ("due_on", models.DateField(db_index=True, null=True)),
                ("extended_on", models.DateField(null=True)),
                ("outcome", models.CharField(default="", max_length=20)),
                ("exemptions", models.JSONField(default=list)),
                ("hours", models.FloatField(null=True)),
                ("over_limit", models.BooleanField(default=False)),
                ("decided_by", models.CharField(max_length=150, null=True)),
                ("approved_by", models.CharField(max_length=150, null=True)),
                ("answered_on", models.DateField(null=True)),
                ("in_time", models.BooleanField(null=True)),
                ("review_outcome", models.CharField(default="", max_length=20)),
                ("closed_on", models.DateField(null=True)),
                ("releases", models.JSONField(default=list)),
                ("queries", models.JSONField(default=list)),
                ("sealed", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="DisclosureEntry",
            fields=[
                ("entry_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("title", models.TextField()),
                ("question", models.TextField()),
                ("answer", models.TextField()),
                ("outcome", models.CharField(max_length=20)),
                ("releases", models.JSONField(default=list)),
                ("answered_on", models.DateField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=150)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disclosures", to="records.caserecord"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("action", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=24)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("on", models.DateField()),
                ("facts", models.JSONField(default=dict)),
                ("sealed", models.TextField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="records.caserecord"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="a_step_of_a_case_is_kept_once")
                ],
            },
        ),
        NothingLeftOver(),
    ]
