"""Publish what was appended: map, map head, signed checkpoint, in one transaction.

A checkpoint of size s is publishable only if leaf s−1 is the map head for size s−1. A crash anywhere in
here leaves the last checkpoint as it was; the next call publishes the same entries. Witnesses are asked
afterwards, outside of it (cosigning.py).
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from custody.ledger.append import append
from custody.ledger.keys import log_key, log_origin, note_signer, post_quantum_signer
from custody.ledger.map_store import prefix_map
from custody.ledger.models import Checkpoint, Entry, Head, Subject
from custody.proof import checkpoint as notes
from custody.proof import envelope, note_keys, records
from custody.proof.merkle import Frontier
from custody.proof.prefix_map import mapkey

# One publisher at a time, and none while a bundle is put together from the map.
PUBLISHING_LOCK = 0x756E62726F6B  # "unbrok"


def hold_publishing() -> None:
    """Take the publishing lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING_LOCK])


def newest() -> Checkpoint | None:
    """Return the newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def newest_seen() -> records.Seen:
    """Return the head that a record made now has seen."""
    found = newest()
    return records.Seen(found.size, bytes(found.root)) if found else records.NOTHING_SEEN


def publish(now: datetime) -> Checkpoint | None:
    """Publish a checkpoint over all entries; the newest one when there is nothing new."""
    with transaction.atomic():
        hold_publishing()
        # Stops appends until the checkpoint stands: what it covers is exactly what was there.
        head = Head.objects.select_for_update().get(pk=1)
        before = newest()
        since = before.size if before else 0
        if head.size == since:
            return before
        root = prefix_map().add(
            (mapkey(ns, key), index)
            for index, ns, key in Subject.objects.filter(entry__gte=since)
            .order_by("entry", "namespace", "key")
            .values_list("entry", "namespace", "key")
        )
        _append_map_head(head.size, root)
        head.refresh_from_db()
        tree_root = Frontier.parse(head.size, bytes(head.frontier)).root()
        text = notes.Checkpoint(log_origin(), head.size, tree_root).text()
        note = note_keys.sign_note(text, [note_signer()])
        own = post_quantum_signer()
        if own is not None:
            note = note_keys.add_signatures(note, [own.signature(text, int(now.timestamp()))])
        return Checkpoint.objects.create(size=head.size, root=tree_root, note=note, published=now)


def _append_map_head(size: int, root: bytes) -> None:
    payload = records.build_map_head(log=log_origin(), size=size, root=root)
    key = log_key()
    signature = key.sign(envelope.pae(records.MAP_HEAD_PAYLOAD_TYPE, payload))
    append(envelope.seal(payload, [envelope.Signature(key.keyid, signature)], records.MAP_HEAD_PAYLOAD_TYPE))


def unpublished() -> int:
    """Return how many entries no checkpoint covers yet."""
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    found = newest()
    return (last + 1 if last is not None else 0) - (found.size if found else 0)
