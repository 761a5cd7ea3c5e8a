"""What asking keeps: what was shown of each answer, so that one can come back to it, and areas that people have drawn."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver


class Migration(migrations.Migration):
    dependencies = [("records", "0008_built_figures")]

    operations = [
        migrations.AddField("AnswerRecord", "sealed", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="DrawnAreaRecord",
            fields=[
                ("area_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("owner", models.CharField(db_index=True, max_length=150)),
                ("geography", models.CharField(max_length=60)),
                ("members", models.JSONField()),
                ("sealed", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        NothingLeftOver(),
    ]
