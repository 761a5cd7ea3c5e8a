"""People's answers about records that may be one person's."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ReviewAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(db_index=True, max_length=20)),
                ("pair", models.CharField(db_index=True, max_length=64)),
                ("verdict", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=10)),
                ("actor", models.CharField(max_length=150)),
                ("sealed", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        NothingLeftOver(),
    ]
