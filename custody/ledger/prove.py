"""Put proof bundles together: everything a stranger needs to check an item or a case offline.

It gathers; `custody.proof.bundle` writes and `custody.proof.verify` judges. Which openings may be in a
bundle is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from custody.ledger import erase, history, prove_anchors, publish
from custody.ledger.map_store import prefix_map
from custody.ledger.models import Checkpoint, Entry, Subject
from custody.ledger.tree import block_reader
from custody.proof import bundle, envelope, merkle, records
from custody.proof.digests import b64
from custody.proof.prefix_map import POLICY_ID, Namespace, mapkey

# Decides which opening of which entry goes into a bundle; the rest is withheld.
MayOpen = Callable[[int, records.Opening], bool]


@dataclass(frozen=True)
class Proven:
    """A bundle, the checkpoint it stands on, and the entries of its scope."""

    data: bytes
    checkpoint: Checkpoint
    indices: tuple[int, ...]


def prove(namespace: Namespace, key: str, may_open: MayOpen, now: datetime) -> Proven:
    """Publish what is new, then prove the whole history of one item or case against that checkpoint."""
    publish.publish(now)
    with transaction.atomic():
        # The map answers for its newest root only: nobody publishes until the bundle stands.
        publish.hold_publishing()
        checkpoint = publish.newest()
        if checkpoint is None:
            raise LookupError("the log has no checkpoint yet")
        scope = _indices(namespace, key, checkpoint.size)
        wanted, keys = _with_keys(scope, checkpoint.size)
        stamps = prove_anchors.choose(_spans(wanted), checkpoint.size, now)
        if stamps.rows:
            wanted, keys = _with_keys([*scope, *stamps.places(checkpoint.size)], checkpoint.size)
        entries = {e.seq: e for e in Entry.objects.filter(seq__in=wanted)}
        orders = erase.orders(wanted)
        # Proofs of one bundle share most of their hashes; the tree does not change below the checkpoint.
        read = cache(block_reader())
        parts = bundle.BundleParts(
            checkpoint=checkpoint.note,
            entries=tuple(
                _entry(entries[index], orders.get(index), checkpoint.size, read) for index in sorted(wanted)
            ),
            maps=_maps(
                [
                    (namespace, key),
                    *((Namespace.ITEM, item) for item in sorted(_items(scope) - {key})),
                    *((Namespace.KEYCTL, keyid) for keyid in sorted(keys)),
                    # Where passkeys may be used: nothing that the log stated about that is left out.
                    *([(Namespace.POLICY, POLICY_ID)] if _has_passkey(entries.values()) else []),
                ]
            ),
            seen=_seen(entries.values(), checkpoint.size, read),
            openings=_openings(wanted, may_open),
            anchors=stamps.parts(checkpoint.size, read),
        )
        return Proven(bundle.build(parts), checkpoint, tuple(scope))


def _indices(namespace: str, key: str, size: int) -> list[int]:
    rows = Subject.objects.filter(namespace=namespace, key=key, entry__lt=size).order_by("entry")
    return list(rows.values_list("entry", flat=True))


def _with_keys(scope: Iterable[int], size: int) -> tuple[set[int], set[str]]:
    """Add genesis, the map head, all policies, orders of erasure, and all that was done to their signers' keys."""
    wanted = {0, size - 1, *scope, *_indices(Namespace.POLICY, POLICY_ID, size)}
    wanted |= {order for order in erase.orders(wanted).values() if order < size}
    keys: set[str] = set()
    todo = {keyid for index in wanted for keyid in _signers(index)}
    while todo:
        keyid = todo.pop()
        keys.add(keyid)
        events = set(_indices(Namespace.KEYCTL, keyid, size)) - wanted
        wanted |= events
        todo |= {signer for index in events for signer in _signers(index)} - keys
    return wanted, keys


def _has_passkey(entries: Iterable[Entry]) -> bool:
    return any(
        signature.assertion
        for entry in entries
        for signature in envelope.parse_entry(bytes(entry.data or b"")).signatures
    )


def _items(scope: Iterable[int]) -> set[str]:
    """Return the items that the scope speaks of: of each it is proven that nothing is missing."""
    rows = Subject.objects.filter(namespace=Namespace.ITEM, entry__in=list(scope))
    return set(rows.values_list("key", flat=True))


def _signers(index: int) -> list[str]:
    data = Entry.objects.get(pk=index).data
    if data is None:
        return []
    entry = envelope.parse_entry(bytes(data))
    if entry.payload_type != records.RECORD_PAYLOAD_TYPE:
        return []
    return [signature.keyid for signature in entry.signatures]


def _entry(
    entry: Entry, order: int | None, size: int, read: merkle.HashReader
) -> bundle.EntryPart | bundle.WithheldPart:
    proof = tuple(merkle.inclusion_proof(entry.seq, size, read))
    if entry.data is None:
        if order is None:
            raise LookupError(f"the bytes of entry {entry.seq} are gone, and no record orders that")
        return bundle.WithheldPart(entry.seq, bytes(entry.leaf_hash), order, proof)
    return bundle.EntryPart(entry.seq, bytes(entry.data), proof)


def _spans(wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give for each record its place and the size of the head that its signer had seen."""
    for index, data in Entry.objects.filter(seq__in=wanted, data__isnull=False).values_list("seq", "data"):
        entry = envelope.parse_entry(bytes(data or b""))
        if entry.payload_type == records.RECORD_PAYLOAD_TYPE:
            yield index, records.parse(entry.payload).seen.size


def _maps(keys: Iterable[tuple[Namespace, str]]) -> tuple[bundle.MapPart, ...]:
    whole = prefix_map()
    return tuple(bundle.MapPart(Namespace(ns), key, whole.prove(mapkey(ns, key))) for ns, key in keys)


def _seen(entries: Iterable[Entry], size: int, read: merkle.HashReader) -> tuple[bundle.SeenPart, ...]:
    """Prove every head that a signer saw to be the beginning of this log."""
    heads = set()
    for entry in entries:
        if entry.data is None:
            continue
        parsed = envelope.parse_entry(bytes(entry.data))
        if parsed.payload_type == records.RECORD_PAYLOAD_TYPE:
            seen = records.parse(parsed.payload).seen
            if seen.size:
                heads.add((seen.size, seen.root))
    return tuple(
        bundle.SeenPart(old, root, tuple(merkle.consistency_proof(old, size, read)))
        for old, root in sorted(heads)
    )


def _openings(wanted: Iterable[int], may_open: MayOpen) -> tuple[bundle.OpeningPart, ...]:
    found = history.openings(wanted)
    return tuple(
        bundle.OpeningPart(index, found[index][name])
        for index in sorted(found)
        for name in sorted(found[index])
        if may_open(index, found[index][name])
    )


def receipt(index: int) -> str | None:
    """Return the C2SP tlog-proof of an entry for the newest checkpoint; None while it is not published."""
    checkpoint = publish.newest()
    if checkpoint is None or index >= checkpoint.size:
        return None
    proof = merkle.inclusion_proof(index, checkpoint.size, block_reader())
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64(one) for one in proof)]
    return "\n".join(lines) + "\n\n" + checkpoint.note
