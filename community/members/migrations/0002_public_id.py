"""Gives every member a name that says nothing; one by one, for each must differ."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import community.members.models


def name_members(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    members = apps.get_model("members", "Member").objects.all()
    for member in members.iterator():
        member.public_id = community.members.models.random_id()
        member.save(update_fields=["public_id"])


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='member',
            name='public_id',
            field=models.CharField(max_length=16, null=True, editable=False),
        ),
        migrations.RunPython(name_members, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='member',
            name='public_id',
            field=models.CharField(default=community.members.models.random_id, editable=False, max_length=16, unique=True),
        ),
    ]
