"""Passkeys: what a browser is asked with, the attestation, the two messages of a proof of possession.

The guard is not reversible on purpose, as those of 0003.
"""

from django.db import migrations, models
from django.db.models import Q

FUNCTIONS = """
CREATE FUNCTION signing_key_stays_the_same() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.keyid, NEW.person_id, NEW.alg, NEW.spki, NEW.kind, NEW.passkey, NEW.attestation) IS DISTINCT FROM
     (OLD.keyid, OLD.person_id, OLD.alg, OLD.spki, OLD.kind, OLD.passkey, OLD.attestation) THEN
    RAISE EXCEPTION 'a signing key stays what it was when it was handed in'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


def statements() -> list[str]:
    """Return the triggers, one statement each."""
    return [
        "CREATE TRIGGER signing_key_stays_the_same BEFORE UPDATE ON custody_signingkey "
        "FOR EACH ROW EXECUTE FUNCTION signing_key_stays_the_same()"
    ]


class Migration(migrations.Migration):
    dependencies = [("custody", "0005_erasure")]
    operations = [
        migrations.AddField("signingkey", "passkey", models.JSONField(blank=True, null=True)),
        migrations.AddField("signingkey", "attestation", models.BinaryField(null=True)),
        migrations.AddField("draft", "second_assertion", models.JSONField(null=True)),
        migrations.AddConstraint(
            "signingkey",
            models.CheckConstraint(
                condition=Q(
                    kind="webauthn", passkey__isnull=False, attestation__isnull=False, wrapped__isnull=True
                )
                | Q(~Q(kind="webauthn"), passkey__isnull=True, attestation__isnull=True),
                name="key_of_kind_webauthn_has_its_attestation",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, elidable=False),
        *[migrations.RunSQL(statement, elidable=False) for statement in statements()],
    ]
