"""Figures on the quality of deliveries, which outlive them."""

from django.db import migrations, models

from almoner.records.whole import NothingLeftOver

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("records", "0005_answers")]

    operations = [
        migrations.CreateModel(
            name="QualityFigure",
            fields=[
                ID,
                ("number", models.BigIntegerField()),
                ("dataset", models.CharField(db_index=True, max_length=200)),
                ("delivery", models.CharField(max_length=60)),
                ("as_of", models.DateField()),
                ("sent_on", models.DateField(null=True)),
                ("landed_on", models.DateField()),
                ("version", models.IntegerField(default=1)),
                ("measure", models.CharField(max_length=200)),
                ("definition", models.CharField(default="", max_length=12)),
                ("missed", models.BigIntegerField()),
                ("tested", models.BigIntegerField()),
                ("measured_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("number", "measure", "definition"), name="a_figure_is_kept_once"),
                    models.CheckConstraint(
                        condition=models.Q(missed__gte=0) & models.Q(missed__lte=models.F("tested")),
                        name="missed_are_among_tested",
                    ),
                ],
            },
        ),
        NothingLeftOver(),
    ]
