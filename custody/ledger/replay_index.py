"""Reads the rows that hang on entries, in step with them: the index of their subjects, opened statements.

A row that belongs to no entry is reported, and so is one that says something else than the entry does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from custody.ledger.models import Opening, Subject
from custody.ledger.replay_findings import Code, Findings
from custody.proof import records
from custody.proof.errors import MalformedError
from custody.proof.records import Record

Row = TypeVar("Row", Subject, Opening)


class InStep(Generic[Row]):
    """Rows ordered by entry, handed out entry by entry; those of no entry go to `stray`."""

    def __init__(self, rows: Iterable[Row], stray: Callable[[Row], None]) -> None:
        self._rows: Iterator[Row] = iter(rows)
        self._stray: Callable[[Row], None] = stray
        self._row: Row | None = next(self._rows, None)

    def of(self, index: int) -> list[Row]:
        """Return the rows of this entry; indices must come in ascending order."""
        found = []
        while self._row is not None and self._row.entry_id <= index:
            if self._row.entry_id == index:
                found.append(self._row)
            else:
                self._stray(self._row)
            self._row = next(self._rows, None)
        return found

    def close(self) -> None:
        """Hand out what is left: rows of entries that are not there."""
        while self._row is not None:
            self._stray(self._row)
            self._row = next(self._rows, None)


class ReplayedIndex:
    """The index of entries and the opened statements."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        subjects = Subject.objects.order_by("entry_id", "namespace", "key").iterator(chunk_size=1000)
        openings = Opening.objects.order_by("entry_id", "field").iterator(chunk_size=500)
        self._subjects = InStep(subjects, self._stray_subject)
        self._openings = InStep(openings, self._stray_opening)
        self._gone: dict[int, set[str]] = {}

    def keys(self, index: int) -> list[tuple[str, str]]:
        """Return what the index says this entry is about."""
        return [(row.namespace, row.key) for row in self._subjects.of(index)]

    def check_keys(self, indexed: list[tuple[str, str]], told: Iterable[tuple[str, str]], index: int) -> None:
        """Compare the index with what the entry's own bytes say."""
        there, due = set(indexed), {(str(ns), key) for ns, key in told}
        for ns, key in sorted(due - there):
            text = f"The index does not list this entry under {ns} {key}, so it would be missing there."
            self._findings.add(Code.INDEX_MISSING, text, index)
        for ns, key in sorted(there - due):
            text = f"The index lists this entry under {ns} {key}, which it is not about."
            self._findings.add(Code.INDEX_EXTRA, text, index)

    def check_openings(self, record: Record | None, index: int) -> None:
        """Compare every opened statement with the commitment that was signed; note those that are gone."""
        rows = self._openings.of(index)
        gone = set(record.claims if record else ()) - {row.field for row in rows}
        if gone:
            self._gone[index] = gone
        for row in rows:
            claim = record.claims.get(row.field) if record else None
            if claim is None:
                text = f"A stored statement ({row.field}) belongs to no claim of this entry."
                self._findings.add(Code.OPENING_UNKNOWN, text, index)
            elif _commitment(row) != claim:
                text = f"The stored statement {row.field} is not the one that was signed."
                self._findings.add(Code.OPENING_MISMATCH, text, index)

    def erased(self, fields: Mapping[int, Iterable[str]]) -> None:
        """Take a record's word that these openings are to be gone."""
        for index, ordered in fields.items():
            self._gone[index] = self._gone.get(index, set()) - set(ordered)

    def close(self) -> None:
        """Report rows of entries that are not there, and openings that are gone without an order."""
        for index, fields in self._gone.items():
            if not fields:
                continue
            text = f"Stored statements ({', '.join(sorted(fields))}) are gone, and no record orders that."
            self._findings.add(Code.OPENING_WITHOUT_ORDER, text, index)
        self._subjects.close()
        self._openings.close()

    def _stray_subject(self, row: Subject) -> None:
        text = f"The index lists an entry that is not there, under {row.namespace} {row.key}."
        self._findings.add(Code.INDEX_EXTRA, text, row.entry_id)

    def _stray_opening(self, row: Opening) -> None:
        text = f"A stored statement ({row.field}) belongs to an entry that is not there."
        self._findings.add(Code.OPENING_UNKNOWN, text, row.entry_id)


def _commitment(row: Opening) -> bytes | None:
    try:
        return records.Opening(field=row.field, salt=bytes(row.salt), value=row.value).commitment()
    except (MalformedError, ValueError):  # a value that could never have been signed
        return None
