"""Choose the outside time stamps that a bundle needs: what bounds its records, the newest, what renews them.

Stamps over one head come together, so that a reader who trusts one authority alone has it everywhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from custody.ledger.models import Anchor, Entry
from custody.proof import bundle, envelope, merkle, records
from custody.proof.verify_times import stamped

# A stamp with its record takes 8 kB. Leaving some out widens windows and makes none false.
MAX_HEADS = 200


@dataclass(frozen=True)
class Row:
    """One stamp: its place in the log, the head it covers, when it was made, when its certificate expires."""

    entry: int
    size: int
    time: datetime
    expires: datetime


@dataclass(frozen=True)
class Chosen:
    rows: tuple[Row, ...]

    def places(self, size: int) -> list[int]:
        """Return the entries of their records, as far as a log of this size has them."""
        return [row.entry for row in self.rows if row.entry < size]

    def parts(self, size: int, read: merkle.HashReader) -> tuple[bundle.AnchorPart, ...]:
        """Return them for a bundle that stands on a head of this size."""
        entries = Entry.objects.in_bulk([row.entry for row in self.rows])
        return tuple(_part(row, entries[row.entry], size, read) for row in self.rows)


def choose(spans: Iterable[tuple[int, int]], size: int, now: datetime) -> Chosen:
    """Choose stamps for records, each given by its index and the size of the head its signer had seen."""
    columns = ("entry_id", "size", "time", "expires")
    rows = [
        Row(*row) for row in Anchor.objects.filter(size__lte=size).order_by("entry").values_list(*columns)
    ]
    if not rows:
        return Chosen(())
    sizes = sorted({row.size for row in rows})
    places = [row.entry for row in rows]
    heads = {sizes[-1]}
    for index, seen in spans:
        over = bisect_right(sizes, index)
        below = bisect_left(places, seen)
        heads |= {sizes[over]} if over < len(sizes) else set()
        heads |= {rows[below - 1].size} if below else set()
    heads = _thinned(sorted(heads))
    _renew(heads, rows, now)
    return Chosen(tuple(row for row in rows if row.size in heads))


def _thinned(heads: Sequence[int]) -> set[int]:
    """Keep so many, evenly spread, the newest among them."""
    step = -(-len(heads) // MAX_HEADS)
    return set(heads[::-1][::step])


def _renew(heads: set[int], rows: Sequence[Row], now: datetime) -> None:
    """Add, for each stamp whose certificate has expired, the last one that renewed it in time; and so on."""
    todo = [row for row in rows if row.size in heads]
    while todo:
        row = todo.pop()
        if row.expires >= now:
            continue
        renewing = [one for one in rows if one.size > row.entry and one.time <= row.expires]
        last = max(renewing, key=lambda one: one.time, default=None)
        if last is not None and last.size not in heads:
            heads.add(last.size)
            todo += [one for one in rows if one.size == last.size]


def _part(row: Row, entry: Entry, size: int, read: merkle.HashReader) -> bundle.AnchorPart:
    record = records.parse(envelope.parse_entry(bytes(entry.data or b"")).payload)
    checkpoint, token = stamped(record)
    proof = tuple(merkle.consistency_proof(row.size, size, read))
    return bundle.AnchorPart(checkpoint, token, proof)
