"""What the single view reads, and long work with its progress."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0012_retention")]

    operations = [
        migrations.CreateModel(
            name="ServingSnapshot",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("spine", models.BigIntegerField()),
                ("files", models.JSONField()),
                ("told", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="WorkRecord",
            fields=[
                ("work_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("actor", models.CharField(max_length=150)),
                ("state", models.CharField(db_index=True, max_length=12)),
                ("stage", models.CharField(default="", max_length=300)),
                ("done", models.BigIntegerField(null=True)),
                ("total", models.BigIntegerField(null=True)),
                ("told", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("host", models.CharField(default="", max_length=255)),
                ("process", models.CharField(default="", max_length=80)),
                ("sealed", models.TextField(default="")),
            ],
        ),
        NothingLeftOver(),
    ]
