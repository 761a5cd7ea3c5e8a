"""Pairs of records drawn at random for people to decide about."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0002_review_answers")]

    operations = [
        migrations.CreateModel(
            name="ReviewSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("draw", models.CharField(db_index=True, max_length=20)),
                ("pair", models.CharField(max_length=64)),
                ("sealed", models.TextField()),
                ("drawn_at", models.DateTimeField()),
            ],
        ),
        NothingLeftOver(),
    ]
