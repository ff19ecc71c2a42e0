"""Custody reports: what was asked for, by whom, and the sealed PDF that came of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from custody.reports.variant import Variant
from evidence.cases import Case
from evidence.items import HEX64, Item, StoredObject


class ReportState(models.TextChoices):
    WAITING = "waiting", "being made"
    READY = "ready", "ready"
    FAILED = "failed", "failed"


VARIANTS = [
    (Variant.SEALED.value, "sealed copy, for the court"),
    (Variant.PUBLIC.value, "public copy, without names and free text"),
]


class Report(models.Model):
    """A custody report of one case, or of one item when `item` is set."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="reports")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports"
    )
    requested_at = models.DateTimeField()
    variant = models.CharField(max_length=8, choices=VARIANTS, default=Variant.SEALED.value)
    state = models.CharField(max_length=8, choices=ReportState.choices, default=ReportState.WAITING)
    revision0_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    checkpoint_size = models.BigIntegerField(null=True)
    stored = models.OneToOneField(StoredObject, null=True, on_delete=models.PROTECT)
    issued_entry = models.BigIntegerField(null=True, unique=True)
    withheld = models.JSONField(default=list)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (Q(sha256__regex=HEX64) & Q(stored__isnull=False) & Q(issued_entry__isnull=False)),
                name="report_ready_has_bytes_and_entry",
            ),
            models.CheckConstraint(
                condition=Q(variant__in=[word for word, _ in VARIANTS]), name="report_is_sealed_or_public"
            ),
        ]
