"""The database itself refuses to change or delete a row of the audit."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REASON = "the audit is append-only"

SQLITE = [
    f"""
    CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON decisions_auditentry
    BEGIN SELECT RAISE(ABORT, '{REASON}'); END
    """
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON decisions_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()
    """,
]


def add_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


def drop_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_no_update")
        schema_editor.execute("DROP TRIGGER audit_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER audit_append_only ON decisions_auditentry")
        schema_editor.execute("DROP FUNCTION audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
