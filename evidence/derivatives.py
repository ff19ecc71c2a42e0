"""Derivatives: redacted copies, each an object of its own with its own digest and its leak check."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evidence.items import HEX64, Item, StoredObject


class DerivativeState(models.TextChoices):
    PLANNED = "planned", "waiting for the worker"
    REFUSED = "refused", "cannot be redacted"
    QUARANTINED = "quarantined", "leak check failed"
    MADE = "made", "waiting for a second person"
    RELEASED = "released", "released"
    WITHHELD = "withheld", "withheld"


class Derivative(models.Model):
    """A redacted copy of an item, from the plan that an examiner signed to the release by another."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="derivatives")
    state = models.CharField(max_length=12, choices=DerivativeState.choices, default=DerivativeState.PLANNED)
    recipe = models.CharField(max_length=60)
    planner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    plan_entry = models.BigIntegerField(unique=True)
    registry_digest = models.CharField(max_length=64, blank=True)
    tool = models.CharField(max_length=120, blank=True)
    stored = models.OneToOneField(StoredObject, null=True, on_delete=models.PROTECT)
    filename = models.CharField(max_length=300, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    hits = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    leak_check = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    made_entry = models.BigIntegerField(null=True, unique=True)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.TextField(blank=True)
    decision_entry = models.BigIntegerField(null=True, unique=True)
    created = models.DateTimeField()

    class Meta:
        ordering = ["created"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["made", "released", "withheld"])
                | (Q(sha256__regex=HEX64) & Q(stored__isnull=False) & Q(made_entry__isnull=False)),
                name="derivative_made_has_bytes_and_entry",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "withheld"])
                | (Q(decider__isnull=False) & Q(decision_entry__isnull=False)),
                name="derivative_decided_has_person_and_entry",
            ),
            models.CheckConstraint(
                condition=Q(decider__isnull=True) | ~Q(decider=F("planner")),
                name="derivative_decider_is_not_the_planner",
            ),
        ]

    @property
    def pixels_not_examined(self) -> bool:
        return "pixels_not_examined" in self.remarks
