"""Transfers of custody: offered by the holder, accepted by the named taker, approved by a third person.

The rows mirror the ledger for queues and pages; who may do what next is `custody.proof.chain`'s rule.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evidence.items import Item


class TransferState(models.TextChoices):
    REQUESTED = "requested", "waiting for the taker"
    ACCEPTED = "accepted", "waiting for the supervisor"
    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused by the taker"
    WITHDRAWN = "withdrawn", "withdrawn by the giver"
    REJECTED = "rejected", "rejected by the supervisor"


OPEN_STATES = [TransferState.REQUESTED, TransferState.ACCEPTED]


def _person(name: str, *, null: bool = False) -> Any:  # a foreign key; its type parameters are Django's
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=null, on_delete=models.PROTECT, related_name=name)


class Transfer(models.Model):
    """One handing-over of one item; custody moves at approval only."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="transfers")
    giver = _person("given_transfers")
    taker = _person("taken_transfers")
    approver = _person("decided_transfers", null=True)
    state = models.CharField(max_length=10, choices=TransferState.choices, default=TransferState.REQUESTED)
    purpose = models.TextField()
    place = models.CharField(max_length=200)
    seal_number = models.CharField(max_length=60)
    seal_condition = models.CharField(max_length=200)
    accept_digest = models.CharField(max_length=64, blank=True)
    accept_note = models.TextField(blank=True)
    end_reason = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    offer_entry = models.BigIntegerField(unique=True)
    accept_entry = models.BigIntegerField(null=True, unique=True)
    end_entry = models.BigIntegerField(null=True, unique=True)

    class Meta:
        ordering = ["requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=OPEN_STATES), name="transfer_one_open_per_item"
            ),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="transfer_giver_is_not_taker"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | (~Q(approver=F("giver")) & ~Q(approver=F("taker"))),
                name="transfer_approver_is_a_third_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "approved", "rejected"])
                | (
                    Q(accept_entry__isnull=False)
                    & Q(accepted_at__isnull=False)
                    & Q(accept_digest__regex=r"^[0-9a-f]{64}$")
                ),
                name="transfer_accepted_has_entry_time_and_digest",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"]) | Q(approver__isnull=False),
                name="transfer_decided_has_an_approver",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES) | (Q(end_entry__isnull=False) & Q(ended_at__isnull=False)),
                name="transfer_ended_has_entry_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(place=""), name="transfer_states_purpose_and_place"
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
