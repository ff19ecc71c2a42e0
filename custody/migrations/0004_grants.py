"""What the application role may do: read, insert, update; delete only what is meant to be forgotten.

The role is made by whoever makes the database (`manage.py up`, compose, the tests); it owns nothing.
"""

from django.db import migrations

ROLE = "unbroken_app"
# Drafts, tokens and sessions expire; openings are what expungement erases; the access log is purgeable.
MAY_DELETE = [
    "custody_draft",
    "custody_apitoken",
    "custody_accesslog",
    "django_session",
    "ledger_opening",
]

# Names from the constants above, nothing from outside.
SQL = f"""
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
    RAISE EXCEPTION 'create the role {ROLE} (LOGIN, owner of nothing) before migrating: see docs/operations.md';
  END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
GRANT DELETE ON {", ".join(MAY_DELETE)} TO {ROLE};
REVOKE UPDATE ON ledger_entry, ledger_node, ledger_subject, ledger_checkpoint, ledger_opening FROM {ROLE};
REVOKE INSERT, UPDATE ON django_migrations FROM {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0003_guards"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]
    operations = [migrations.RunSQL(SQL, elidable=False)]
