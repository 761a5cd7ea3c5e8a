"""Whom workers follow, what is contested in records, and reviews of access."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0010_requests")]

    operations = [
        migrations.AddField("MistakeReport", "about", models.CharField(db_index=True, default="", max_length=64)),
        migrations.AddField("MistakeReport", "contested_by", models.CharField(default="", max_length=10)),
        migrations.AddField("MistakeReport", "version", models.IntegerField(default=0)),
        migrations.CreateModel(
            name="CaseloadEntry",
            fields=[
                ("entry_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("actor", models.CharField(db_index=True, max_length=150)),
                ("about", models.CharField(max_length=64)),
                ("sealed", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("actor", "about"), name="somebody_is_followed_once")],
            },
        ),
        migrations.CreateModel(
            name="AccessReviewRecord",
            fields=[
                ("review_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("worker", models.CharField(db_index=True, default="", max_length=150)),
                ("about", models.CharField(db_index=True, default="", max_length=64)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("finding", models.CharField(max_length=12)),
                ("counts", models.JSONField(default=dict)),
                ("reviewed_by", models.CharField(max_length=150)),
                ("reviewed_at", models.DateTimeField()),
                ("sealed", models.TextField()),
            ],
        ),
        NothingLeftOver(),
    ]
