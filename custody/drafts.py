"""Drafts: the exact bytes that a person is asked to sign, kept until the signature comes or time runs out.

A draft holds the openings of its claims in plain; it is deleted when it is signed or has expired.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models

# Long enough to read what one signs, short enough that the claimed time still means something.
LIFETIME = timedelta(minutes=15)
# Where several administrators sign, they are not all at their desks in the same quarter of an hour.
LIFETIME_OF_SEVERAL = timedelta(hours=24)


class Draft(models.Model):
    """One prepared record with what it commits to, for one person and one act."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    keyid = models.CharField(max_length=43)
    act = models.CharField(max_length=40)
    params = models.JSONField()
    payload = models.BinaryField()
    openings = models.JSONField(default=list)
    summary = models.JSONField(default=list)
    # key.register only: the holder of the new key proves possession before the officer signs.
    second_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="drafts_to_prove"
    )
    second_keyid = models.CharField(max_length=43, blank=True)
    second_signature = models.BinaryField(null=True)
    # Of a passkey: the two messages that its signature is over, as in the envelope.
    second_assertion = models.JSONField(null=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()

    class Meta:
        ordering = ["created"]


class Countersignature(models.Model):
    """What another administrator, or the holder with their old key, has signed over the bytes of a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="countersignatures")
    key = models.ForeignKey("custody.SigningKey", on_delete=models.CASCADE, related_name="+")
    signature = models.BinaryField()
    assertion = models.JSONField(null=True)
    made = models.DateTimeField()

    class Meta:
        ordering = ["made", "pk"]
        constraints = [models.UniqueConstraint(fields=["draft", "key"], name="countersignature_once_per_key")]
