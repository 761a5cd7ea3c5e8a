"""Figures that were worked out and are kept for pages."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0007_web")]

    operations = [
        migrations.CreateModel(
            name="BuiltFigures",
            fields=[
                ("kind", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("purpose", models.CharField(default="", max_length=60)),
                ("project", models.CharField(default="", max_length=100)),
                ("made_by", models.CharField(max_length=150)),
                ("as_of", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("file", models.JSONField()),
            ],
        ),
        NothingLeftOver(),
    ]
