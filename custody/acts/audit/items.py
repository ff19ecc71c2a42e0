"""Compares exhibits, transfers and redacted copies with what the ledger says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from custody.acts.audit.rows import NOT_OPENED, Claims, Columns, Comparison, batches
from custody.acts.audit.told import RedactionTold, TransferTold
from custody.ledger.replay_records import ItemTold
from custody.proof.chain import Status
from custody.proof.records import RecordType
from custody.transfers import Transfer, TransferState
from evidence.derivatives import Derivative, DerivativeState
from evidence.items import Item, ItemState

_STATES = {
    RecordType.TRANSFER_APPROVE: TransferState.APPROVED,
    RecordType.TRANSFER_REJECT: TransferState.REJECTED,
    RecordType.TRANSFER_REFUSE: TransferState.REFUSED,
    RecordType.TRANSFER_WITHDRAW: TransferState.WITHDRAWN,
}


def compare_items(comparison: Comparison, items: Mapping[UUID, ItemTold]) -> None:
    """Custodian, case, state, newest entry, and everything that intake committed to."""
    placed = comparison.account.placed
    for batch in batches(items.items()):
        rows = Item.objects.select_related("custodian").in_bulk([item for item, _ in batch])
        firsts = comparison.claims(told.first for _, told in batch)
        places = comparison.claims(placed.get(item) for item, _ in batch)
        for item, told in batch:
            row, what = rows.get(item), f"Exhibit {item}"
            if row is None:
                comparison.missing(what, told.first)
                continue
            place = places[placed[item]].get("place") if item in placed else None
            comparison.columns(what, told.last, _standing(row, told))
            comparison.columns(what, told.first, _intake(row, firsts[told.first], place))
    for pk in Item.objects.values_list("pk", flat=True).iterator(chunk_size=1000):
        if pk not in items:
            comparison.unknown(f"Exhibit {pk}")


def _standing(row: Item, told: ItemTold) -> Columns:
    yield "last_entry", row.last_entry, told.last
    if told.state is None or told.state.status is Status.DISPOSED:
        return
    yield "case", row.case_id, told.state.case
    yield "custodian", row.custodian.uuid if row.custodian else None, told.state.holder
    quarantined = told.state.status is Status.QUARANTINED
    yield "state", row.state, ItemState.QUARANTINED if quarantined else ItemState.SEALED


def _intake(row: Item, claims: Claims, place: Any) -> Columns:  # Any: the JSON that was signed
    for name in ("sha256", "blake3", "size", "filename", "category", "sheet"):
        yield name, getattr(row, name), claims.get(name)
    yield "item_class", row.item_class, claims.get("class")
    yield "content_type", row.content_type, claims.get("content_type", "application/octet-stream")
    yield "authority", str(row.authority_id), claims.inner("authority", "authority")
    yield "location", row.location, claims.inner("sheet", "location") if place is None else place
    number = claims.get("exhibit")
    # A quarantined exhibit leaves its number free: the row's begins with it and says so.
    if number is not NOT_OPENED and row.state == ItemState.QUARANTINED:
        yield "exhibit_number", row.exhibit_number.startswith(str(number)[:40]), True
    else:
        yield "exhibit_number", row.exhibit_number, number


def compare_transfers(comparison: Comparison) -> None:
    """Giver, taker, approver, state, entries, and what offer, accept and end committed to."""
    transfers = comparison.account.transfers
    for batch in batches(transfers.values()):
        found = Transfer.objects.filter(offer_entry__in=[told.offer for told in batch])
        rows = {row.offer_entry: row for row in found.select_related("giver", "taker", "approver")}
        claims = comparison.claims(index for told in batch for index in (told.offer, told.accept, told.end))
        for told in batch:
            row, what = rows.get(told.offer), f"The transfer offered in entry {told.offer}"
            if row is None:
                comparison.missing(what, told.offer)
                continue
            comparison.columns(what, told.offer, _offer(row, told, claims[told.offer], comparison))
            comparison.columns(what, told.accept or told.offer, _accept(row, told, claims))
            comparison.columns(what, told.end or told.offer, _end(row, told, claims, comparison))
    for pk, offer in Transfer.objects.values_list("pk", "offer_entry").iterator(chunk_size=1000):
        if offer not in transfers:
            comparison.unknown(f"Transfer {pk}", offer)


def _offer(row: Transfer, told: TransferTold, claims: Claims, comparison: Comparison) -> Columns:
    yield "item", row.item_id, told.item
    yield "giver", row.giver.uuid, comparison.person(told.giver)
    yield "taker", str(row.taker.uuid), claims.inner("taker", "person")
    for name in ("purpose", "place", "seal_number", "seal_condition"):
        yield name, getattr(row, name), claims.get(name)


def _accept(row: Transfer, told: TransferTold, claims: Mapping[int, Claims]) -> Columns:
    accepted = claims[told.accept] if told.accept is not None else Claims()
    yield "accept_entry", row.accept_entry, told.accept
    yield "accept_digest", row.accept_digest, accepted.get("sha256")
    yield "accept_note", row.accept_note, accepted.get("note")


def _end(row: Transfer, told: TransferTold, claims: Mapping[int, Claims], comparison: Comparison) -> Columns:
    waiting = TransferState.REQUESTED if told.accept is None else TransferState.ACCEPTED
    yield "state", row.state, _STATES[told.ending] if told.ending else waiting
    yield "end_entry", row.end_entry, told.end
    by_supervisor = told.ending in (RecordType.TRANSFER_APPROVE, RecordType.TRANSFER_REJECT)
    decider = comparison.person(told.decider) if by_supervisor else None
    yield "approver", row.approver.uuid if row.approver else None, decider
    ended = claims[told.end] if told.end is not None else Claims()
    reason = "note" if told.ending is RecordType.TRANSFER_APPROVE else "reason"
    yield "end_reason", row.end_reason, ended.get(reason)


def compare_derivatives(comparison: Comparison) -> None:
    """Planner, maker's digest, decision and decider of every redacted copy."""
    redactions = comparison.account.redactions
    for batch in batches(redactions.values()):
        found = Derivative.objects.filter(plan_entry__in=[told.plan for told in batch])
        rows = {row.plan_entry: row for row in found.select_related("planner", "decider")}
        claims = comparison.claims(index for told in batch for index in (told.plan, told.made, told.decision))
        for told in batch:
            row, what = rows.get(told.plan), f"The redacted copy planned in entry {told.plan}"
            if row is None:
                comparison.missing(what, told.plan)
                continue
            comparison.columns(what, told.plan, _plan(row, told, claims[told.plan], comparison))
            comparison.columns(what, told.made or told.plan, _made(row, told, claims))
            comparison.columns(what, told.decision or told.plan, _decision(row, told, claims, comparison))
    for pk, plan in Derivative.objects.values_list("pk", "plan_entry").iterator(chunk_size=1000):
        if plan not in redactions:
            comparison.unknown(f"Redacted copy {pk}", plan)


def _plan(row: Derivative, told: RedactionTold, claims: Claims, comparison: Comparison) -> Columns:
    yield "item", row.item_id, told.item
    yield "uuid", str(row.pk), claims.get("derivative")
    yield "recipe", row.recipe, claims.get("recipe")
    yield "planner", row.planner.uuid, comparison.person(told.planner)


def _made(row: Derivative, told: RedactionTold, claims: Mapping[int, Claims]) -> Columns:
    yield "made_entry", row.made_entry, told.made
    made = claims[told.made] if told.made is not None else Claims()
    yield "size", row.size, made.get("size", None)
    for name in ("sha256", "content_type", "tool"):
        yield name, getattr(row, name), made.get(name)
    yield "remarks", row.remarks, made.get("remarks", [])


def _decision(
    row: Derivative, told: RedactionTold, claims: Mapping[int, Claims], comparison: Comparison
) -> Columns:
    yield "decision_entry", row.decision_entry, told.decision
    decider = comparison.person(told.decider) if told.decision is not None else None
    yield "decider", row.decider.uuid if row.decider else None, decider
    if told.decision is not None:
        state = {"release": DerivativeState.RELEASED, "withhold": DerivativeState.WITHHELD}
        decision = claims[told.decision].get("decision")
        yield "state", row.state, NOT_OPENED if decision is NOT_OPENED else state.get(str(decision), "")
    elif told.made is not None:
        checked = claims[told.made].get("leak_check")
        passed = DerivativeState.MADE if checked == "passed" else DerivativeState.QUARANTINED
        yield "state", row.state, NOT_OPENED if checked is NOT_OPENED else passed
    else:
        # That a kind of file cannot be redacted is no record: nothing was made and nothing leaves.
        yield "state", row.state in (DerivativeState.PLANNED, DerivativeState.REFUSED), True
