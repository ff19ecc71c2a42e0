"""How rows are compared with what the entries say, for every table alike.

Sentences name columns, numbers and ids, never the contents of a column: the reader of an audit need not be
one who may know the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from custody.acts.audit.told import Account
from custody.ledger import history
from custody.ledger.replay_findings import Code, Findings
from custody.proof.keyring import Keyring

BATCH = 200
T = TypeVar("T")


class NotOpened(Enum):
    """Stands for what was erased or whose key is not there: it cannot be compared, and that is no fault."""

    NOT_OPENED = "not opened"


NOT_OPENED = NotOpened.NOT_OPENED


@dataclass(frozen=True)
class Claims:
    """The opened statements of one entry."""

    values: Mapping[str, Any] = field(default_factory=dict)  # Any: the JSON that was signed
    made: tuple[str, ...] = ()

    def get(self, name: str, default: Any = "") -> Any:
        """Return the value; the default where no such claim was made, NOT_OPENED where it was erased."""
        if name in self.values:
            return self.values[name]
        return NOT_OPENED if name in self.made else default

    def inner(self, name: str, member: str) -> Any:
        """Return one member of a statement that is a map."""
        value = self.get(name)
        if value is NOT_OPENED:
            return NOT_OPENED
        return value.get(member, "") if isinstance(value, dict) else ""


Columns = Iterable[tuple[str, object, object]]


class Comparison:
    """The replayed ledger beside the tables."""

    def __init__(self, account: Account, keyring: Keyring, findings: Findings) -> None:
        self.account = account
        self._keyring = keyring
        self._findings = findings

    def claims(self, indices: Iterable[int | None]) -> dict[int, Claims]:
        """Read the opened statements of a batch of entries."""
        wanted = [index for index in indices if index is not None]
        opened = history.openings(wanted)
        return {
            index: Claims(
                {name: opening.value for name, opening in opened.get(index, {}).items()},
                self.account.claims.get(index, ()),
            )
            for index in wanted
        }

    def person(self, keyid: str) -> UUID | None:
        """Return whose key this is by the ledger."""
        known = self._keyring.find(keyid)
        return known.key.person if known else None

    def columns(self, what: str, index: int, pairs: Columns) -> None:
        """Compare columns of one row: (name, in the table, by the ledger)."""
        for name, stored, told in pairs:
            if told is NOT_OPENED:
                text = (
                    "Some columns could not be compared, because a statement was erased or a key is not "
                    f"there: first {name} of {what}."
                )
                self._findings.add(Code.ROW_NOT_COMPARED, text, index)
            elif stored != told:
                text = f"{what}: the column {name} is not what entry {index} and those after it say."
                self._findings.add(Code.ROW_DIFFERS, text, index)

    def missing(self, what: str, index: int) -> None:
        """Report a thing of the ledger that has no row."""
        self._findings.add(Code.ROW_MISSING, f"{what} is in the ledger but has no row.", index)

    def unknown(self, what: str, index: int | None = None) -> None:
        """Report a row that no entry speaks of."""
        self._findings.add(Code.ROW_UNKNOWN, f"{what} has a row, but no entry of the ledger made it.", index)


def batches(things: Iterable[T]) -> Iterator[Sequence[T]]:
    """Cut into lists of a size that one query takes."""
    source = iter(things)
    while batch := list(islice(source, BATCH)):
        yield batch
