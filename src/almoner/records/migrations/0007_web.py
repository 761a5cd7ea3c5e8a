"""What the web application keeps: sessions, what readers said of pages, and mistakes that workers have reported."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("records", "0006_quality_figures")]

    operations = [
        migrations.CreateModel(
            name="WebSession",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("actor", models.CharField(db_index=True, default="", max_length=150)),
                ("sealed", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="PageFeedback",
            fields=[
                ID,
                ("page", models.CharField(max_length=60)),
                ("helpful", models.BooleanField()),
                ("sealed", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MistakeReport",
            fields=[
                ("report_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("dataset", models.CharField(default="", max_length=200)),
                ("state", models.CharField(max_length=12)),
                ("reported_by", models.CharField(max_length=150)),
                ("reported_at", models.DateTimeField()),
                ("handled_by", models.CharField(max_length=150, null=True)),
                ("handled_at", models.DateTimeField(null=True)),
                ("sealed", models.TextField()),
            ],
        ),
        NothingLeftOver(),
    ]
