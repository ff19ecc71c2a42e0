"""Put proof bundles together: everything a stranger needs to check an item or a case offline.

It gathers; `custody.proof.bundle` writes and `custody.proof.verify` judges. All openings that still exist are
gathered; which of them may leave is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from custody.ledger import history, publish
from custody.ledger.keys import service_key
from custody.ledger.map_store import prefix_map
from custody.ledger.models import Checkpoint, Entry, Subject
from custody.ledger.tree import block_reader, reader
from custody.proof import bundle, envelope, merkle, records, report_receipt
from custody.proof.digests import b64
from custody.proof.prefix_map import Namespace, mapkey


@dataclass(frozen=True)
class Proven:
    """The parts of a bundle with every opening there is, the checkpoint it stands on, the entries of its scope."""

    parts: bundle.BundleParts
    checkpoint: Checkpoint
    indices: tuple[int, ...]


def prove(namespace: Namespace, key: str, now: datetime) -> Proven:
    """Publish what is new, then prove the whole history of one item or case against that checkpoint."""
    publish.publish(now)
    with transaction.atomic():
        # The map answers for its newest root only: nobody publishes until the bundle stands.
        publish.hold_publishing()
        checkpoint = publish.newest()
        if checkpoint is None:
            raise LookupError("the log has no checkpoint yet")
        scope = _indices(namespace, key, checkpoint.size)
        # The issuing machine's key is shown in any case: it will sign that the report was issued.
        entries, keys = _with_keys(scope, checkpoint.size, {service_key().keyid})
        # Proofs of one bundle share most of their hashes; the tree does not change below the checkpoint.
        read = cache(block_reader())
        parts = bundle.BundleParts(
            checkpoint=checkpoint.note,
            entries=tuple(_entry(entries[index], checkpoint.size, read) for index in sorted(entries)),
            maps=_maps(
                [
                    (namespace, key),
                    *((Namespace.ITEM, item) for item in sorted(_items(scope) - {key})),
                    *((Namespace.KEYCTL, keyid) for keyid in sorted(keys)),
                ]
            ),
            seen=_seen(entries.values(), checkpoint.size, read),
            openings=_openings(entries),
        )
        return Proven(parts, checkpoint, tuple(scope))


def _indices(namespace: str, key: str, size: int) -> list[int]:
    rows = Subject.objects.filter(namespace=namespace, key=key, entry__lt=size).order_by("entry")
    return list(rows.values_list("entry", flat=True))


def _with_keys(scope: Iterable[int], size: int, more: Collection[str]) -> tuple[dict[int, Entry], set[str]]:
    """Add genesis, the map head, and all that was ever done to the keys of actors and of their enrollers."""
    entries = _read({0, size - 1, *scope})
    keys: set[str] = set()
    todo = {keyid for entry in entries.values() for keyid in _signers(entry)} | set(more)
    while todo:
        keyid = todo.pop()
        keys.add(keyid)
        events = _read(set(_indices(Namespace.KEYCTL, keyid, size)) - entries.keys())
        entries |= events
        todo |= {signer for entry in events.values() for signer in _signers(entry)} - keys
    return entries, keys


def _read(indices: Collection[int]) -> dict[int, Entry]:
    return {entry.seq: entry for entry in Entry.objects.filter(seq__in=indices)}


def _items(scope: Iterable[int]) -> set[str]:
    """Return the items that the scope speaks of: of each it is proven that nothing is missing."""
    rows = Subject.objects.filter(namespace=Namespace.ITEM, entry__in=list(scope))
    return set(rows.values_list("key", flat=True))


def _signers(entry: Entry) -> list[str]:
    parsed = envelope.parse_entry(bytes(entry.data or b""))
    if parsed.payload_type != records.RECORD_PAYLOAD_TYPE:
        return []
    return [signature.keyid for signature in parsed.signatures]


def _entry(entry: Entry, size: int, read: merkle.HashReader) -> bundle.EntryPart:
    proof = merkle.inclusion_proof(entry.seq, size, read)
    return bundle.EntryPart(entry.seq, bytes(entry.data or b""), tuple(proof))


def _maps(keys: list[tuple[Namespace, str]]) -> tuple[bundle.MapPart, ...]:
    proofs = prefix_map().prove_all([mapkey(ns, key) for ns, key in keys])
    return tuple(
        bundle.MapPart(Namespace(ns), key, proof) for (ns, key), proof in zip(keys, proofs, strict=True)
    )


def _seen(entries: Iterable[Entry], size: int, read: merkle.HashReader) -> tuple[bundle.SeenPart, ...]:
    """Prove every head that a signer saw to be the beginning of this log."""
    heads = set()
    for entry in entries:
        parsed = envelope.parse_entry(bytes(entry.data or b""))
        if parsed.payload_type == records.RECORD_PAYLOAD_TYPE:
            seen = records.parse(parsed.payload).seen
            if seen.size:
                heads.add((seen.size, seen.root))
    return tuple(
        bundle.SeenPart(old, root, tuple(merkle.consistency_proof(old, size, read)))
        for old, root in sorted(heads)
    )


def _openings(wanted: Iterable[int]) -> tuple[bundle.OpeningPart, ...]:
    found = history.openings(wanted)
    return tuple(
        bundle.OpeningPart(index, found[index][name])
        for index in sorted(found)
        for name in sorted(found[index])
    )


def receipt(index: int) -> str | None:
    """Return the C2SP tlog-proof of an entry for the newest checkpoint; None while it is not published."""
    checkpoint = publish.newest()
    if checkpoint is None or index >= checkpoint.size:
        return None
    proof = merkle.inclusion_proof(index, checkpoint.size, reader)
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64(one) for one in proof)]
    return "\n".join(lines) + "\n\n" + checkpoint.note


def receipt_of_report(index: int) -> str | None:
    """Return the receipt of a report, with the record of its issue; None while that is not published."""
    checkpoint = publish.newest()
    if checkpoint is None or index >= checkpoint.size:
        return None
    opened = history.openings([index]).get(index, {})
    return report_receipt.write(
        report_receipt.ReportReceipt(
            index=index,
            proof=tuple(merkle.inclusion_proof(index, checkpoint.size, reader)),
            checkpoint=checkpoint.note,
            entry=history.read(index).data,
            openings=tuple(opened[name] for name in sorted(opened.keys() & report_receipt.FIELDS)),
        )
    )
