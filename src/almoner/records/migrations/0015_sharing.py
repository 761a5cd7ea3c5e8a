"""Sharing: extracts for recipients, what happened to them, who was in them; permits that serve one."""

import django.db.models.deletion
from django.db import migrations, models

from almoner.records.whole import NothingLeftOver

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def of_share(related_name: str) -> tuple[str, models.ForeignKey]:
    return (
        "share",
        models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to="records.sharerecord"
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("records", "0014_subject_access")]

    operations = [
        migrations.AddField("permitrecord", "sharing", models.CharField(max_length=60, null=True)),
        migrations.CreateModel(
            name="ShareRecord",
            fields=[
                ("share_id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("sharing", models.CharField(max_length=60)),
                ("recipient", models.CharField(db_index=True, max_length=60)),
                ("agreement", models.CharField(max_length=120)),
                ("purpose", models.CharField(max_length=60)),
                ("project", models.CharField(max_length=60, null=True)),
                ("form", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=12)),
                ("fields", models.JSONField()),
                ("ages", models.CharField(max_length=12, null=True)),
                ("state", models.CharField(db_index=True, max_length=12)),
                ("version", models.IntegerField()),
                ("requested_by", models.CharField(max_length=150)),
                ("requested_at", models.DateTimeField()),
                ("people", models.IntegerField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("smallest_class", models.IntegerField(null=True)),
                ("digest", models.CharField(default="", max_length=64)),
                ("approved_by", models.CharField(max_length=150, null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("sent_by", models.CharField(max_length=150, null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("file_digest", models.CharField(default="", max_length=64)),
                ("destroy_by", models.DateField(null=True)),
                ("confirmed_by", models.CharField(max_length=150, null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("review_by", models.DateField(null=True)),
                ("reviewed_by", models.CharField(max_length=150, null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("finding", models.CharField(default="", max_length=20)),
                ("sealed", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="ShareStep",
            fields=[
                ID,
                of_share("steps"),
                ("number", models.IntegerField()),
                ("action", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("facts", models.JSONField(default=dict)),
                ("sealed", models.TextField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="sharestep",
            constraint=models.UniqueConstraint(fields=["share", "number"], name="a_step_of_an_extract_is_kept_once"),
        ),
        migrations.CreateModel(
            name="SharedPerson",
            fields=[ID, of_share("held"), ("about", models.CharField(db_index=True, max_length=64))],
        ),
        migrations.AddConstraint(
            model_name="sharedperson",
            constraint=models.UniqueConstraint(fields=["share", "about"], name="a_person_is_in_it_once"),
        ),
        NothingLeftOver(),
    ]
