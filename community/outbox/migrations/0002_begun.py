"""What a worker of the version before was sending when it was stopped has begun, too."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leased_have_begun(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("outbox", "Delivery").objects.filter(state="leased").update(begun=True)


class Migration(migrations.Migration):
    dependencies = (("outbox", "0001_outbox"),)

    operations = (
        migrations.AddField("delivery", "begun", models.BooleanField(default=False)),
        migrations.RunPython(leased_have_begun, migrations.RunPython.noop),
    )
