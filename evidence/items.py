"""Items (exhibits) and what is known of them: where the bytes lie, their digests, who holds them.

The bytes never change. A column changes only together with a newer ledger entry; the database
refuses anything else (migration 0002).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from evidence.cases import Case, DataCategory, LegalAuthority

HEX64 = r"^[0-9a-f]{64}$"


class ItemClass(models.TextChoices):
    GENERAL = "general", "General"
    IDENTIFIES_VICTIM = "identifies_victim", "Identifies a victim"
    CONTRABAND = "contraband", "Contraband imagery"


class ItemState(models.TextChoices):
    SEALED = "sealed", "sealed"
    QUARANTINED = "quarantined", "quarantined"


class StoredObject(models.Model):
    """One object of the vault: its extents and its wrapped key. The case key lies outside the database."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    wrapped_key = models.BinaryField()
    extents = models.JSONField(default=list)
    sealed = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    @property
    def size(self) -> int:
        """Plaintext bytes stored."""
        return sum(self.extents)


class Item(models.Model):
    """An exhibit: what it is, where it came from, its digests, its custodian."""

    uuid = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    authority = models.ForeignKey(LegalAuthority, on_delete=models.PROTECT)
    category = models.CharField(max_length=30, choices=DataCategory.choices)
    item_class = models.CharField(max_length=20, choices=ItemClass.choices)
    exhibit_number = models.CharField(max_length=60)
    sheet = models.JSONField()
    filename = models.CharField(max_length=300)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    blake3 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=120, default="application/octet-stream")
    stored = models.OneToOneField(StoredObject, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=ItemState.choices)
    custodian = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="held_items"
    )
    location = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    last_entry = models.BigIntegerField()

    class Meta:
        ordering = ["exhibit_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "exhibit_number"], name="item_exhibit_number_once_per_case"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=HEX64) & Q(blake3__regex=HEX64),
                name="item_digests_have_their_shape",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="item_is_not_empty"),
            models.CheckConstraint(
                condition=Q(state="quarantined") | Q(custodian__isnull=False),
                name="item_sealed_has_a_custodian",
            ),
        ]

    def __str__(self) -> str:
        return self.exhibit_number

    @property
    def description(self) -> str:
        return str(self.sheet.get("description", ""))


class ExtractorOutcome(models.TextChoices):
    FOUND = "found", "found"
    DAMAGED = "damaged", "damaged"
    NOTHING = "nothing", "nothing there"
    FAILED = "failed", "failed"
    NOT_APPLICABLE = "not_applicable", "not applicable"


class Metadata(models.Model):
    """What one extractor said of one item, also when it said nothing or failed.

    What it read can name anybody (the sender of a mail, the author of a letter), so it is sealed under the
    item's own key (`evidence/answers.py`).
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="metadata")
    extractor = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    outcome = models.CharField(max_length=16, choices=ExtractorOutcome.choices)
    sealed = models.BinaryField()
    entry = models.BigIntegerField()

    class Meta:
        ordering = ["extractor"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "extractor", "version"], name="metadata_once_per_extractor"
            )
        ]


class FixityOutcome(models.TextChoices):
    MATCH = "match", "match"
    MISMATCH = "mismatch", "mismatch"
    UNREADABLE = "unreadable", "unreadable"


class FixityCheck(models.Model):
    """One re-reading of the stored bytes; unreadable is never stored as tampering."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="fixity_checks")
    outcome = models.CharField(max_length=12, choices=FixityOutcome.choices)
    sha256 = models.CharField(max_length=64, blank=True)
    detail = models.TextField(blank=True)
    checked_at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        indexes = [
            # The first page of many people asks for these, and there are hardly any.
            models.Index(fields=["item"], condition=~Q(outcome="match"), name="fixity_check_not_passed")
        ]
        ordering = ["-id"]
