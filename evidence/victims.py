"""Victims: a pseudonym in the open, identifiers sealed under a key of their own.

Opening an identifier is `custody/acts/victims.py`'s business; here lie only ciphertexts.
"""

import uuid

from django.db import models

from evidence.cases import Case


class IdentifierKind(models.TextChoices):
    NAME = "name", "Name"
    ALIAS = "alias", "Alias or nickname"
    OTHER_SCRIPT = "other_script", "Name in another script"
    BIRTH_DATE = "birth_date", "Date of birth"
    PHONE = "phone", "Telephone number"
    EMAIL = "email", "E-mail address"
    HANDLE = "handle", "Handle or account"
    ADDRESS = "address", "Address"
    DOCUMENT = "document", "Document number"


class Victim(models.Model):
    """A person the case protects, seen by pseudonym only. Their key lies outside the database."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="victims")
    pseudonym = models.CharField(max_length=40)
    created = models.DateTimeField()

    class Meta:
        ordering = ["pseudonym"]
        constraints = [
            models.UniqueConstraint(fields=["case", "pseudonym"], name="victim_pseudonym_once_per_case")
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Identifier(models.Model):
    """One sealed identifier; the ciphertext is padded, so its length tells little."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    victim = models.ForeignKey(Victim, on_delete=models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=14, choices=IdentifierKind.choices)
    sealed = models.BinaryField()
    created = models.DateTimeField()
