"""Uploads: an exhibit form and the bytes that arrive for it, until a person signs the intake.

The bytes are hashed and encrypted as they arrive (`evidence/vault`); this row only says how far they are.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evidence.cases import Case, DataCategory, LegalAuthority
from evidence.items import ItemClass, StoredObject


class UploadState(models.TextChoices):
    RECEIVING = "receiving", "receiving"
    RECEIVED = "received", "received, waiting for the check"
    READY = "ready_to_sign", "checked, waiting for the examiner's signature"
    SEALED = "sealed", "sealed"
    QUARANTINED = "quarantined", "quarantined"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class Upload(models.Model):
    """One file on its way in. `offset` counts plaintext bytes that are durable."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="uploads")
    authority = models.ForeignKey(LegalAuthority, on_delete=models.PROTECT)
    category = models.CharField(max_length=30, choices=DataCategory.choices)
    item_class = models.CharField(max_length=20, choices=ItemClass.choices)
    exhibit_number = models.CharField(max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    sheet = models.JSONField()
    filename = models.CharField(max_length=300)
    declared = models.JSONField(default=dict)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    stored = models.OneToOneField(StoredObject, on_delete=models.PROTECT, related_name="upload")
    sha256 = models.CharField(max_length=64, blank=True)
    blake3 = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=14, choices=UploadState.choices, default=UploadState.RECEIVING)
    problem = models.TextField(blank=True)
    item = models.OneToOneField("evidence.Item", null=True, on_delete=models.PROTECT, related_name="upload")
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_is_not_empty"),
            models.CheckConstraint(
                condition=Q(offset__gte=0) & Q(offset__lte=F("size")), name="upload_offset_within_size"
            ),
            models.UniqueConstraint(
                fields=["case", "exhibit_number"],
                condition=~Q(state__in=["cancelled", "failed", "quarantined"]),
                name="upload_exhibit_number_once_per_case",
            ),
        ]
