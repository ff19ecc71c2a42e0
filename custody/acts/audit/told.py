"""What the entries say of the things that tables mirror, gathered while the ledger is replayed.

Only places in the log are kept, not contents: the comparing files read the opened statements when they come
to them. It judges nothing; what breaks a rule the replay itself has reported.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from custody.ledger.history import Told
from custody.proof.records import Record, RecordType

_T = RecordType
ENDINGS = frozenset({_T.TRANSFER_APPROVE, _T.TRANSFER_REJECT, _T.TRANSFER_REFUSE, _T.TRANSFER_WITHDRAW})


@dataclass(frozen=True)
class TransferTold:
    """One transfer: the entries of its steps and the keys that signed them."""

    item: uuid.UUID
    offer: int
    giver: str
    accept: int | None = None
    taker: str = ""
    end: int | None = None
    ending: RecordType | None = None
    decider: str = ""


@dataclass(frozen=True)
class RedactionTold:
    """One redacted copy: the entries of its steps and the keys that signed them."""

    item: uuid.UUID
    plan: int
    planner: str
    made: int | None = None
    decision: int | None = None
    decider: str = ""


@dataclass(frozen=True)
class About:
    """One entry with the item or case it is about."""

    index: int
    case: uuid.UUID | None
    item: uuid.UUID | None


class Account:
    """Listens to the records in order."""

    def __init__(self) -> None:
        self.transfers: dict[int, TransferTold] = {}
        self.redactions: dict[int, RedactionTold] = {}
        self.opened_cases: dict[uuid.UUID, int] = {}
        self.closed_cases: dict[uuid.UUID, int] = {}
        self.placed: dict[uuid.UUID, int] = {}
        self.keys: dict[str, int] = {}
        self.entries: dict[RecordType, list[About]] = {kind: [] for kind in LISTED}
        # Which claims each record makes, for telling what was never said from what was erased.
        self.claims: dict[int, tuple[str, ...]] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._offers: dict[bytes, int] = {}
        self._plans: dict[bytes, int] = {}

    def listen(self, told: Told) -> None:
        """Take one record in."""
        record, index = told.record, told.index
        names = tuple(sorted(record.claims))
        self.claims[index] = self._names.setdefault(names, names)
        item = record.subjects[0].item if record.subjects else None
        if record.type in self.entries:
            self.entries[record.type].append(About(index, record.case, item))
        for key in record.enrols():
            self.keys[key.keyid] = index
        if record.type is _T.CASE_OPEN and record.case:
            self.opened_cases[record.case] = index
        elif record.type is _T.CASE_CLOSE and record.case:
            self.closed_cases[record.case] = index
        elif item is not None:
            self._transfer(record, item, told)
            self._redaction(record, item, told)

    def _transfer(self, record: Record, item: uuid.UUID, told: Told) -> None:
        if record.type is _T.TRANSFER_OFFER:
            self._offers[told.leaf] = told.index
            self.transfers[told.index] = TransferTold(item, told.index, record.actor)
        offer = self._offers.get(record.refs[0]) if record.refs else None
        if offer is None:
            return
        if record.type is _T.TRANSFER_ACCEPT:
            self.transfers[offer] = replace(self.transfers[offer], accept=told.index, taker=record.actor)
        elif record.type in ENDINGS:
            self.transfers[offer] = replace(
                self.transfers[offer], end=told.index, ending=record.type, decider=record.actor
            )
            del self._offers[record.refs[0]]
            if record.type is _T.TRANSFER_APPROVE:
                self.placed[item] = told.index

    def _redaction(self, record: Record, item: uuid.UUID, told: Told) -> None:
        if record.type is _T.REDACTION_PLAN:
            self._plans[told.leaf] = told.index
            self.redactions[told.index] = RedactionTold(item, told.index, record.actor)
        plan = self._plans.get(record.refs[0]) if record.refs else None
        if plan is None:
            return
        if record.type is _T.DERIVATIVE_MAKE:
            self.redactions[plan] = replace(self.redactions[plan], made=told.index)
            self._plans[told.leaf] = plan
        elif record.type is _T.REDACTION_RELEASE:
            self.redactions[plan] = replace(self.redactions[plan], decision=told.index, decider=record.actor)


LISTED = (
    _T.CASE_ASSIGN,
    _T.AUTHORITY_ADD,
    _T.AUTHORITY_END,
    _T.FIXITY_CHECK,
    _T.ITEM_METADATA,
    _T.REPORT_ISSUED,
    _T.LOG_DAILY,
    _T.ANCHOR,
)
