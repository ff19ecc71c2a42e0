"""Put proof bundles together: everything a stranger needs to check an item or a case offline.

It gathers; `custody.proof.bundle` writes and `custody.proof.verify` judges. All openings that still exist are
gathered; which of them may leave is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from custody.errors import NotReadyError
from custody.ledger import cosigning, erase, history, prove_anchors, publish
from custody.ledger.keys import service_key
from custody.ledger.map_store import prefix_map
from custody.ledger.models import Checkpoint, Entry, Subject
from custody.ledger.tree import block_reader
from custody.proof import bundle, envelope, merkle, records, report_receipt
from custody.proof.digests import b64
from custody.proof.prefix_map import POLICY_ID, Namespace, mapkey


@dataclass(frozen=True)
class Proven:
    """The parts of a bundle with every opening there is, the checkpoint it stands on, the entries of its scope."""

    parts: bundle.BundleParts
    checkpoint: Checkpoint
    indices: tuple[int, ...]

    @property
    def data(self) -> bytes:
        """The bundle with everything opened."""
        return bundle.build(self.parts)


@dataclass(frozen=True)
class _Shown:
    """An entry as it is shown, read once: who signed it and, if it is a record, which head they had seen."""

    row: Entry
    signatures: tuple[envelope.Signature, ...] = ()
    seen: records.Seen | None = None

    @property
    def signers(self) -> set[str]:
        """The keys of people and machines; the log's own, under map heads, are in no record."""
        return {signature.keyid for signature in self.signatures} if self.seen else set()


def prove(namespace: Namespace, key: str, now: datetime) -> Proven:
    """Publish what is new, then prove the whole history of one item or case against that checkpoint.

    Raises NotReadyError while the head waits for its witnesses: no verifier would accept it.
    """
    cosigning.publish_when_due(now)
    with transaction.atomic():
        # The map answers for its newest root only: nobody publishes until the bundle stands.
        publish.hold_publishing()
        checkpoint = publish.newest()
        if checkpoint is None:
            raise LookupError("the log has no checkpoint yet")
        if not cosigning.is_witnessed(checkpoint):
            raise NotReadyError(
                "The newest head of the log waits for its witnesses; nothing is proven by it yet."
            )
        scope = _indices(namespace, key, checkpoint.size)
        # The issuing machine's key is shown in any case: it will sign that the report was issued.
        machine = {service_key().keyid}
        entries, keys = _with_keys(scope, checkpoint.size, machine)
        stamps = prove_anchors.choose(_spans(entries.values()), checkpoint.size, now)
        if stamps.rows:
            entries, keys = _with_keys([*scope, *stamps.places(checkpoint.size)], checkpoint.size, machine)
        orders = erase.orders(entries)
        # Proofs of one bundle share most of their hashes; the tree does not change below the checkpoint.
        read = cache(block_reader())
        parts = bundle.BundleParts(
            checkpoint=cosigning.note_of(checkpoint),
            entries=tuple(
                _entry(entries[index].row, orders.get(index), checkpoint.size, read)
                for index in sorted(entries)
            ),
            maps=_maps(
                [
                    (namespace, key),
                    *((Namespace.ITEM, item) for item in sorted(_items(scope) - {key})),
                    *((Namespace.KEYCTL, keyid) for keyid in sorted(keys)),
                    # Who enrols keys and where passkeys may be used: nothing stated about that is left out.
                    (Namespace.POLICY, POLICY_ID),
                ]
            ),
            seen=_seen(entries.values(), checkpoint.size, read),
            openings=_openings(entries),
            anchors=stamps.parts(checkpoint.size, read),
        )
        return Proven(parts, checkpoint, tuple(scope))


def _indices(namespace: str, key: str, size: int) -> list[int]:
    rows = Subject.objects.filter(namespace=namespace, key=key, entry__lt=size).order_by("entry")
    return list(rows.values_list("entry", flat=True))


def _with_keys(scope: Iterable[int], size: int, more: Collection[str]) -> tuple[dict[int, _Shown], set[str]]:
    """Add genesis, the map head, all policies, orders of erasure, and all that was done to their signers' keys."""
    wanted = {0, size - 1, *scope, *_indices(Namespace.POLICY, POLICY_ID, size)}
    wanted |= {order for order in erase.orders(wanted).values() if order < size}
    entries = _read(wanted)
    keys: set[str] = set()
    todo = {keyid for entry in entries.values() for keyid in entry.signers} | set(more)
    while todo:
        keyid = todo.pop()
        keys.add(keyid)
        events = _read(set(_indices(Namespace.KEYCTL, keyid, size)) - entries.keys())
        entries |= events
        todo |= {signer for entry in events.values() for signer in entry.signers} - keys
    return entries, keys


def _read(indices: Collection[int]) -> dict[int, _Shown]:
    return {entry.seq: _shown(entry) for entry in Entry.objects.filter(seq__in=indices)}


def _shown(row: Entry) -> _Shown:
    if row.data is None:
        return _Shown(row)
    parsed = envelope.parse_entry(bytes(row.data))
    is_record = parsed.payload_type == records.RECORD_PAYLOAD_TYPE
    return _Shown(row, parsed.signatures, records.parse(parsed.payload).seen if is_record else None)


def _items(scope: Iterable[int]) -> set[str]:
    """Return the items that the scope speaks of: of each it is proven that nothing is missing."""
    rows = Subject.objects.filter(namespace=Namespace.ITEM, entry__in=list(scope))
    return set(rows.values_list("key", flat=True))


def _entry(
    entry: Entry, order: int | None, size: int, read: merkle.HashReader
) -> bundle.EntryPart | bundle.WithheldPart:
    proof = tuple(merkle.inclusion_proof(entry.seq, size, read))
    if entry.data is None:
        if order is None:
            raise LookupError(f"the bytes of entry {entry.seq} are gone, and no record orders that")
        return bundle.WithheldPart(entry.seq, bytes(entry.leaf_hash), order, proof)
    return bundle.EntryPart(entry.seq, bytes(entry.data), proof)


def _spans(entries: Iterable[_Shown]) -> Iterator[tuple[int, int]]:
    """Give for each record its place and the size of the head that its signer had seen."""
    return ((entry.row.seq, entry.seen.size) for entry in entries if entry.seen)


def _maps(keys: list[tuple[Namespace, str]]) -> tuple[bundle.MapPart, ...]:
    proofs = prefix_map().prove_all([mapkey(ns, key) for ns, key in keys])
    return tuple(
        bundle.MapPart(Namespace(ns), key, proof) for (ns, key), proof in zip(keys, proofs, strict=True)
    )


def _seen(entries: Iterable[_Shown], size: int, read: merkle.HashReader) -> tuple[bundle.SeenPart, ...]:
    """Prove every head that a signer saw to be the beginning of this log."""
    heads = {(entry.seen.size, entry.seen.root) for entry in entries if entry.seen and entry.seen.size}
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
    """Return the C2SP tlog-proof of an entry for the newest head that may be given out; None before it is."""
    checkpoint = cosigning.released()
    if checkpoint is None or index >= checkpoint.size:
        return None
    proof = merkle.inclusion_proof(index, checkpoint.size, block_reader())
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(b64(one) for one in proof)]
    return "\n".join(lines) + "\n\n" + cosigning.note_of(checkpoint)


def receipt_of_report(index: int) -> str | None:
    """Return the receipt of a report, with the record of its issue; None while that may not be given out."""
    checkpoint = cosigning.released()
    if checkpoint is None or index >= checkpoint.size:
        return None
    opened = history.openings([index]).get(index, {})
    return report_receipt.write(
        report_receipt.ReportReceipt(
            index=index,
            proof=tuple(merkle.inclusion_proof(index, checkpoint.size, block_reader())),
            checkpoint=cosigning.note_of(checkpoint),
            entry=history.read(index).data,
            openings=tuple(opened[name] for name in sorted(opened.keys() & report_receipt.FIELDS)),
        )
    )
