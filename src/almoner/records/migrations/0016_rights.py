"""People's rights in force, letters to those who hold their data, and which rights an analyst's copy knows."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0015_sharing")]

    operations = [
        migrations.DeleteModel("RestrictionRecord"),  # nothing ever wrote it
        migrations.AddField("WorkspaceRecord", "rights", models.TextField(default="")),
        migrations.CreateModel(
            name="RightRecord",
            fields=[
                ("right_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("purposes", models.JSONField(default=list)),
                ("dataset", models.CharField(default="", max_length=200)),
                ("case_id", models.CharField(max_length=20)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("lifted_by", models.CharField(max_length=150, null=True)),
                ("lifted_at", models.DateTimeField(db_index=True, null=True)),
                ("sealed", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="RightLetter",
            fields=[
                ("letter_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("right_id", models.CharField(db_index=True, max_length=20)),
                ("case_id", models.CharField(max_length=20)),
                ("recipient", models.CharField(max_length=60)),
                ("drafted_by", models.CharField(max_length=150)),
                ("drafted_at", models.DateTimeField()),
                ("sent_by", models.CharField(max_length=150, null=True)),
                ("sent_on", models.DateField(null=True)),
                ("sealed", models.TextField()),
            ],
        ),
        NothingLeftOver(),
    ]
