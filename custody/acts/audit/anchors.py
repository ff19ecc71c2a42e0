"""Compares the index of outside time stamps with the records they stand in, and reads each token again."""

from __future__ import annotations

from custody.acts.audit.rows import Columns, Comparison, batches
from custody.ledger import history
from custody.ledger.models import Anchor
from custody.proof import timestamp
from custody.proof.checkpoint import parse_checkpoint
from custody.proof.errors import ProofError
from custody.proof.records import Record, RecordType
from custody.proof.verify_times import stamped


def compare_anchors(comparison: Comparison) -> None:
    """Every stamp, with the head it covers, its time, and the certificate it was made with."""
    known = set()
    for batch in batches(comparison.account.entries[RecordType.ANCHOR]):
        indices = [about.index for about in batch]
        known.update(indices)
        rows = Anchor.objects.in_bulk(indices)
        for index in indices:
            row, what = rows.get(index), f"The time stamp of entry {index}"
            if row is None:
                comparison.missing(what, index)
            else:
                comparison.columns(what, index, _columns(row, history.read(index).record))
    for entry in Anchor.objects.values_list("pk", flat=True).iterator(chunk_size=1000):
        if entry not in known:
            comparison.unknown("A time stamp", entry)


def _columns(row: Anchor, record: Record) -> Columns:
    text, token = stamped(record)
    yield "size", row.size, parse_checkpoint(text).size
    try:
        stamp = timestamp.check(token, text.encode(), [row.authority])
    except ProofError as error:  # of another certificate, or one that our own verifier would not have let in
        yield "authority", row.authority, str(error)
        return
    yield "time", row.time, stamp.info.time
    yield "expires", row.expires, stamp.expires
