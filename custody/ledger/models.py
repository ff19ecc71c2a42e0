"""The ledger's tables. Entries are inserted once and never change; the database refuses the rest.

`Opening` rows are the erasable half: the text that an entry only commits to.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Entry(models.Model):
    """One entry of the log; `data` is the envelope's bytes, null only where an order withheld them."""

    seq = models.BigIntegerField(primary_key=True)
    leaf_hash = models.BinaryField()
    data = models.BinaryField(null=True)
    # The server's clock at the append; the signer's time is in the record. Neither is proof.
    recorded = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_entry"
        constraints = [models.CheckConstraint(condition=Q(seq__gte=0), name="ledger_entry_counts_from_zero")]


class Node(models.Model):
    """The hash of a perfect subtree of 2**level leaves; written once, when the subtree is full."""

    level = models.SmallIntegerField()
    idx = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_node"
        constraints = [models.UniqueConstraint(fields=["level", "idx"], name="ledger_node_once")]


class Head(models.Model):
    """The one row that serialises appends: how many entries, and the frontier of the tree."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")

    class Meta:
        db_table = "ledger_head"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_head_is_one_row")]


class Subject(models.Model):
    """Which entries speak of which map key: the index by which a chain is found again."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT)
    namespace = models.CharField(max_length=8)
    key = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_subject"
        constraints = [
            models.UniqueConstraint(
                fields=["namespace", "key", "entry"], name="ledger_subject_once_per_entry"
            )
        ]


class Opening(models.Model):
    """The salt and value behind one commitment; erasing the row makes the commitment say nothing."""

    # The unique constraint below is its index.
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="openings", db_index=False)
    field = models.CharField(max_length=60)
    salt = models.BinaryField()
    value = models.JSONField()

    class Meta:
        db_table = "ledger_opening"
        constraints = [
            models.UniqueConstraint(fields=["entry", "field"], name="ledger_opening_once_per_field")
        ]


class Erased(models.Model):
    """That a record orders the erasure of one opening of an entry; of all, and of its bytes, if `field` is empty.

    Written by the database's own function `ledger_erase` alone, in the transaction of the order.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="erasures")
    order = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=60)

    class Meta:
        db_table = "ledger_erased"
        constraints = [
            models.UniqueConstraint(fields=["entry", "order", "field"], name="ledger_erased_once_per_order"),
            models.CheckConstraint(condition=Q(entry__lt=F("order")), name="ledger_erased_before_its_order"),
        ]


class Anchor(models.Model):
    """Where an outside time stamp lies in the log: the head it covers, when it was made, by which certificate."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT)
    size = models.BigIntegerField()
    time = models.DateTimeField()  # as the authority states it
    expires = models.DateTimeField()  # end of validity of its certificate: until then it must be renewed
    authority = models.CharField(max_length=64)  # SHA-256 of its certificate

    class Meta:
        db_table = "ledger_anchor"
        constraints = [
            models.UniqueConstraint(
                fields=["size", "authority"], name="ledger_anchor_once_per_head_and_authority"
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=F("entry")), name="ledger_anchor_lies_behind_its_head"
            ),
        ]


class MapNode(models.Model):
    """The prefix map's nodes, by the bits that lead to them; as of the newest checkpoint."""

    prefix = models.CharField(primary_key=True, max_length=256)
    node = models.BinaryField()

    class Meta:
        db_table = "ledger_map_node"


class Checkpoint(models.Model):
    """A signed head of the log: publishable, because its last leaf is the map head for all before it."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    published = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"


class Cosignature(models.Model):
    """What a witness has signed under a checkpoint: a line of the note, verified when it came."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    name = models.CharField(max_length=255)
    key_hash = models.BinaryField()
    line = models.TextField()
    received = models.DateTimeField()

    class Meta:
        db_table = "ledger_cosignature"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "name", "key_hash"], name="ledger_cosignature_once_per_key"
            )
        ]
