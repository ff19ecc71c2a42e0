"""Hand an item over: offered by its holder, accepted by the taker after a fresh re-hash, approved by a third.

Every step is a record that names the step before by its leaf hash. The item changes hands in `approve` only.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from custody import access, bell, jobs
from custody.accounts.models import Person
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan, Result, filled
from custody.acts.victims import refuse_names
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotReadyError
from custody.ledger.append import Appended
from custody.ledger.history import leaf_of
from custody.proof.records import RecordType
from custody.transfers import OPEN_STATES, Transfer, TransferState
from evidence.items import FixityCheck, FixityOutcome, Item, ItemState


def offer(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """The holder offers the item to a named person of the case."""
    fields = Fields(params)
    item = access.item(person, fields.key("item", "The exhibit"), "transfer.offer", lock=True)
    taker_id = fields.key("taker", "The person who takes over")
    purpose = fields.text("purpose", "The purpose of the transfer", most=MAX_TEXT)
    place = fields.text("place", "The place")
    seal_number = fields.text("seal_number", "The seal number", most=60)
    seal_condition = fields.text("seal_condition", "The condition of the seal")
    fields.done()
    refuse_names(item.case, {"purpose": purpose, "place": place, "seal_condition": seal_condition})
    access.open_case(person, item.case_id, "transfer.offer")
    _require_holder(person, item)
    taker = next((p for p in access.colleagues(item.case, "transfer.accept") if p.uuid == taker_id), None)
    if taker is None or taker.pk == person.pk:
        raise InvalidError(
            "The taker must be another person assigned to this case who may hold evidence.",
            fields={"taker": "Choose a person from the list."},
        )
    transfer_id = uuid.UUID(params.setdefault("transfer", str(uuid.uuid4())))

    def apply(entry: Appended) -> Result:
        Transfer.objects.create(
            uuid=transfer_id,
            item=item,
            giver=person,
            taker=taker,
            purpose=purpose,
            place=place,
            seal_number=seal_number,
            seal_condition=seal_condition,
            requested_at=now,
            offer_entry=entry.index,
        )
        _touch(item, entry)
        # The taker signs only after the stored bytes were read again: start reading now.
        job = jobs.add(kind=jobs.JobKind.FIXITY, subject=item.uuid, recipe=f"transfer-{transfer_id}", now=now)
        bell.ring_job_on_commit(job.pk)
        return {"transfer": str(transfer_id)}

    claims = filled(
        {
            "exhibit": item.exhibit_number,
            "giver": person.identity(),
            "taker": taker.identity(),
            "purpose": purpose,
            "place": place,
            "authority": _authority(item),
            "seal_number": seal_number,
            "seal_condition": seal_condition,
            "sha256": item.sha256,
        }
    )
    summary = (
        ("Hand over exhibit", item.exhibit_number),
        ("To", f"{taker.name}, {taker.title or taker.role}"),
        ("Purpose", purpose),
        ("Place", place),
        ("SHA-256", item.sha256),
    )
    return _plan(RecordType.TRANSFER_OFFER, item, (), claims, summary, apply)


def accept(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """The named taker accepts, with the digest of the bytes as re-read since the offer."""
    fields = Fields(params)
    transfer, item = _locked(person, fields, "transfer.accept")
    note = fields.text("note", "The note", most=MAX_TEXT, required=False)
    seal_condition = fields.text("seal_condition", "The condition of the seal as received", required=False)
    fields.done()
    refuse_names(item.case, {"note": note, "seal_condition": seal_condition})
    _require_taker(person, transfer)
    _require_state(transfer, TransferState.REQUESTED)
    check = _fresh_check(transfer)

    def apply(entry: Appended) -> Result:
        Transfer.objects.filter(pk=transfer.pk).update(
            state=TransferState.ACCEPTED,
            accepted_at=now,
            accept_entry=entry.index,
            accept_digest=check.sha256,
            accept_note=note,
        )
        _touch(item, entry)
        return {"transfer": str(transfer.uuid), "state": TransferState.ACCEPTED}

    claims = filled(
        {
            "exhibit": item.exhibit_number,
            "taker": person.identity(),
            "sha256": check.sha256,
            "fixity_entry": check.entry,
            "seal_number": transfer.seal_number,
            "seal_condition": seal_condition or transfer.seal_condition,
            "note": note,
        }
    )
    summary = (
        ("Accept exhibit", item.exhibit_number),
        ("From", transfer.giver.name),
        ("SHA-256 of the stored bytes, read again", check.sha256),
    )
    refs = (leaf_of(transfer.offer_entry),)
    return _plan(RecordType.TRANSFER_ACCEPT, item, refs, claims, summary, apply)


def refuse(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """The named taker refuses, with a reason; the giver stays custodian."""
    fields = Fields(params)
    transfer, item = _locked(person, fields, "transfer.refuse")
    _require_taker(person, transfer)
    _require_state(transfer, TransferState.REQUESTED)
    return _ending(person, fields, transfer, item, RecordType.TRANSFER_REFUSE, TransferState.REFUSED, now)


def withdraw(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """The giver withdraws an offer that nobody has decided yet."""
    fields = Fields(params)
    transfer, item = _locked(person, fields, "transfer.withdraw")
    if transfer.giver_id != person.pk:
        raise NotAllowedError("Only the giver withdraws a transfer.", code="not_giver")
    _require_state(transfer, *OPEN_STATES)
    return _ending(person, fields, transfer, item, RecordType.TRANSFER_WITHDRAW, TransferState.WITHDRAWN, now)


def approve(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor who is neither giver nor taker approves: custody moves now."""
    fields = Fields(params)
    transfer, item = _locked(person, fields, "transfer.approve")
    note = fields.text("note", "The note", most=MAX_TEXT, required=False)
    fields.done()
    refuse_names(item.case, {"note": note})
    _require_third(person, transfer)
    _require_state(transfer, TransferState.ACCEPTED)

    def apply(entry: Appended) -> Result:
        _end(transfer, TransferState.APPROVED, entry, now, note, approver=person)
        Item.objects.filter(pk=item.pk).update(
            custodian=transfer.taker, location=transfer.place, last_entry=entry.index
        )
        return {"transfer": str(transfer.uuid), "state": TransferState.APPROVED}

    claims = filled(
        {
            "exhibit": item.exhibit_number,
            "approver": person.identity(),
            "custodian": transfer.taker.identity(),
            "sha256": transfer.accept_digest,
            "place": transfer.place,
            "note": note,
        }
    )
    summary = (
        ("Approve the transfer of", item.exhibit_number),
        ("From", transfer.giver.name),
        ("To", transfer.taker.name),
        ("SHA-256 at acceptance", transfer.accept_digest),
    )
    return _plan(RecordType.TRANSFER_APPROVE, item, _both(transfer), claims, summary, apply)


def reject(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor refuses an accepted transfer; the giver stays custodian."""
    fields = Fields(params)
    transfer, item = _locked(person, fields, "transfer.reject")
    _require_third(person, transfer)
    _require_state(transfer, TransferState.ACCEPTED)
    return _ending(person, fields, transfer, item, RecordType.TRANSFER_REJECT, TransferState.REJECTED, now)


def _ending(
    person: Person,
    fields: Fields,
    transfer: Transfer,
    item: Item,
    record: RecordType,
    state: TransferState,
    now: datetime,
) -> Plan:
    """Plan a step that ends the transfer without moving custody; it always gives a reason."""
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()
    refuse_names(item.case, {"reason": reason})
    approver = person if state == TransferState.REJECTED else None

    def apply(entry: Appended) -> Result:
        _end(transfer, state, entry, now, reason, approver=approver)
        _touch(item, entry)
        return {"transfer": str(transfer.uuid), "state": state}

    refs = _both(transfer) if state == TransferState.REJECTED else (leaf_of(transfer.offer_entry),)
    claims = {"exhibit": item.exhibit_number, "by": person.identity(), "reason": reason}
    summary = ((str(state.label).capitalize(), item.exhibit_number), ("Reason", reason))
    return _plan(record, item, refs, claims, summary, apply)


def _plan(
    record: RecordType, item: Item, refs: tuple[bytes, ...], claims: Any, summary: Any, apply: Any
) -> Plan:
    return Plan(
        type=record,
        case=item.case_id,
        items=(item.uuid,),
        refs=refs,
        claims=claims,
        summary=summary,
        apply=apply,
    )


def _locked(person: Person, fields: Fields, act: str) -> tuple[Transfer, Item]:
    transfer = access.transfer(person, fields.key("transfer", "The transfer"), act, lock=True)
    return transfer, transfer.item


def _touch(item: Item, entry: Appended) -> None:
    Item.objects.filter(pk=item.pk).update(last_entry=entry.index)


def _end(
    transfer: Transfer,
    state: TransferState,
    entry: Appended,
    now: datetime,
    reason: str,
    *,
    approver: Person | None,
) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(
        state=state, end_entry=entry.index, ended_at=now, end_reason=reason, approver=approver
    )


def _both(transfer: Transfer) -> tuple[bytes, ...]:
    if transfer.accept_entry is None:
        raise ConflictError("The transfer has not been accepted yet.")
    return leaf_of(transfer.offer_entry), leaf_of(transfer.accept_entry)


def _authority(item: Item) -> str:
    return f"{item.authority.get_kind_display()} {item.authority.reference}"


def _require_holder(person: Person, item: Item) -> None:
    if item.state != ItemState.SEALED:
        raise ConflictError("A quarantined exhibit is not handed over.")
    if item.custodian_id != person.pk:
        raise NotAllowedError(
            f"Only the present custodian hands over {item.exhibit_number}.", code="not_custodian"
        )
    if Transfer.objects.filter(item=item, state__in=OPEN_STATES).exists():
        raise ConflictError(f"A transfer of {item.exhibit_number} is open already.", code="transfer_open")


def _require_taker(person: Person, transfer: Transfer) -> None:
    if transfer.taker_id != person.pk:
        raise NotAllowedError("Only the person named as taker answers this transfer.", code="not_taker")


def _require_third(person: Person, transfer: Transfer) -> None:
    if person.pk in {transfer.giver_id, transfer.taker_id}:
        raise NotAllowedError("Giver and taker cannot decide on their own transfer.", code="own_transfer")


def _require_state(transfer: Transfer, *states: TransferState) -> None:
    if transfer.state not in states:
        label = TransferState(transfer.state).label
        raise ConflictError(f"This transfer is {label}; somebody acted before you.", code="transfer_state")


def _fresh_check(transfer: Transfer) -> FixityCheck:
    """Return the re-reading made since the offer; the order of the ledger decides, not a clock."""
    check = FixityCheck.objects.filter(item=transfer.item, entry__gt=transfer.offer_entry).first()
    if check is None:
        raise NotReadyError("The stored bytes are being read again for this transfer; try again in a moment.")
    if check.outcome == FixityOutcome.MISMATCH:
        raise ConflictError(
            "The stored bytes no longer match the digest recorded at intake. Do not accept.", code="mismatch"
        )
    if check.outcome == FixityOutcome.UNREADABLE:
        raise ConflictError(
            "The stored bytes could not be read. That is not proof of tampering; tell the store.",
            code="unreadable",
        )
    return check
