"""Cases, the people assigned to them, and the legal authorities that allow the work.

Rows here change only by the acts in `custody/acts`; this file knows no ledger.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class CaseStatus(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


class Case(models.Model):
    """One investigation; its number and title stay here, the ledger knows only the uuid."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=60, unique=True)
    title = models.CharField("neutral title", max_length=200)
    offence = models.CharField(max_length=200)
    unit = models.CharField(max_length=120)
    restricted = models.BooleanField(default=True)
    status = models.CharField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_at = models.DateTimeField()
    last_entry = models.BigIntegerField()
    assigned = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="Assignment",
        through_fields=("case", "person"),
        related_name="cases",
    )

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def people(self) -> list[Any]:
        """Return who works on the case now, by name."""
        current = self.assignment_set.filter(until_entry__isnull=True).select_related("person")
        return [assignment.person for assignment in current.order_by("person__name")]


class Assignment(models.Model):
    """A person works on a case from one entry of the ledger until another."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    since_entry = models.BigIntegerField()
    until_entry = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=Q(until_entry__isnull=True),
                name="assignment_once_per_person",
            )
        ]


class AuthorityKind(models.TextChoices):
    SEARCH_WARRANT = "search_warrant", "Search warrant"
    COURT_ORDER = "court_order", "Court order"
    PRODUCTION_ORDER = "production_order", "Production order"
    PRESERVATION_ORDER = "preservation_order", "Preservation order"
    SUBPOENA = "subpoena", "Subpoena"
    CONSENT = "consent", "Consent"
    EXIGENT = "exigent", "Exigent circumstances"
    MLA_REQUEST = "mla_request", "Mutual legal assistance request"
    EU_PRODUCTION_ORDER = "eu_production_order", "European Production Order"
    EU_PRESERVATION_ORDER = "eu_preservation_order", "European Preservation Order"


class DataCategory(models.TextChoices):
    """What a legal authority may cover; an exhibit belongs to exactly one."""

    DEVICE_IMAGE = "device_image", "Contents of a device or storage medium"
    COMMUNICATIONS = "communications", "Contents of communications"
    TRAFFIC_DATA = "traffic_data", "Traffic and subscriber data"
    IMAGES = "images", "Photographs and video"
    DOCUMENTS = "documents", "Documents and office files"
    FINANCIAL = "financial", "Financial records"
    LOCATION = "location", "Location data"
    IDENTITY = "identity", "Identity documents"


class LegalAuthority(models.Model):
    """The warrant, order or consent under which things may be taken in, examined and disclosed."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="authorities")
    kind = models.CharField(max_length=30, choices=AuthorityKind.choices)
    issuer = models.CharField("issuing authority", max_length=200)
    reference = models.CharField(max_length=120)
    scope = models.TextField()
    categories = ArrayField(models.CharField(max_length=30, choices=DataCategory.choices))
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_entry = models.BigIntegerField()

    class Meta:
        ordering = ["valid_from"]
        verbose_name_plural = "legal authorities"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="authority_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(categories__len__gt=0), name="authority_covers_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    def objection(self, category: str, now: datetime) -> str:
        """Return why this authority does not allow work on this category now, or an empty string."""
        if self.ended_at is not None:
            return f"The authority {self.reference} was ended on {self.ended_at:%Y-%m-%d %H:%M} UTC."
        if now < self.valid_from:
            return f"The authority {self.reference} is not valid before {self.valid_from:%Y-%m-%d %H:%M} UTC."
        if now >= self.valid_until:
            return f"The authority {self.reference} expired on {self.valid_until:%Y-%m-%d %H:%M} UTC."
        if category not in self.categories:
            label = DataCategory(category).label.lower()
            return f"The authority {self.reference} does not cover {label}."
        return ""
