"""Follow the history of one item, record by record, and refuse what the rules of custody forbid.

step() is pure: the state before, one record, and who signed it give the state after, or a ChainError with a
plain sentence. The server calls it before it appends, the verifier calls it in step 8, so neither can be more
lenient than the other. It checks seq, prev, case, role and the state machine below; it verifies no signature
and no inclusion, and it does not know the log.

    (nothing)  --item.intake-->  held          --transfer: offer > accept > approve-->  held by the taker
(nothing)  --item.quarantine-->  quarantined (only notes, checks, holds and disposal follow)     held or
quarantined  --dispose: propose > approve > done-->  disposed (only notes and reports follow)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from .errors import ChainError
from .records import NO_ENTRY, Record, RecordType, Role, Subject
from .rules import check_role


class Status(StrEnum):
    HELD = "held"
    QUARANTINED = "quarantined"
    DISPOSED = "disposed"


@dataclass(frozen=True)
class Actor:
    """Who signed, as the log knows it: the key, its person and the roles it was registered with."""

    keyid: str
    person: UUID
    roles: frozenset[Role]


@dataclass(frozen=True)
class OpenTransfer:
    """A transfer between its offer and its end; offer and accept are leaf hashes."""

    offer: bytes
    giver: UUID
    accept: bytes | None = None
    taker: UUID | None = None


@dataclass(frozen=True)
class OpenDisposal:
    """A disposal between its proposal and its end; propose and approve are leaf hashes."""

    propose: bytes
    proposer: UUID
    approve: bytes | None = None


@dataclass(frozen=True)
class ItemState:
    """What the records of an item say so far; seq and head belong to its newest record."""

    item: UUID
    case: UUID | None
    seq: int
    head: bytes
    holder: UUID | None
    status: Status
    transfer: OpenTransfer | None = None
    disposal: OpenDisposal | None = None
    # leaf of each redaction.plan -> who planned; leaf of each unreleased derivative.make -> who planned it
    plans: Mapping[bytes, UUID] = field(default_factory=dict)
    pending: Mapping[bytes, UUID] = field(default_factory=dict)
    holds: frozenset[bytes] = frozenset()


_Rule = Callable[[ItemState, Record, bytes, Actor], ItemState]


def step(state: ItemState | None, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    """Return the item's state after this record. Raises ChainError if the record may not follow.

    Without a state the record must be the first of its one item; otherwise the item is the state's.
    """
    check_role(record.type, actor.roles)
    subject = _subject(state, record)
    check_link(state, subject)
    if state is None:
        return _first(record, subject, leaf, actor)
    if record.case != state.case:
        raise ChainError("case", "The record names another case than the one the item was taken into.")
    if record.type not in _ALLOWED_IN[state.status]:
        raise ChainError(
            "status", f"An item that is {state.status} cannot have a record of type {record.type}."
        )
    after = _RULES[record.type](state, record, leaf, actor)
    return replace(after, seq=subject.seq, head=leaf)


def check_link(state: ItemState | None, subject: Subject) -> None:
    """Raises ChainError (code "link") unless the record is the item's next one and names the one before."""
    expected_seq, expected_prev = (state.seq + 1, state.head) if state else (1, NO_ENTRY)
    if subject.seq != expected_seq:
        raise ChainError(
            "link", f"The record is number {subject.seq} of its item, but number {expected_seq} is due."
        )
    if subject.prev != expected_prev:
        raise ChainError("link", "The record does not follow from the item's newest record.")


def _subject(state: ItemState | None, record: Record) -> Subject:
    if state is None:
        if len(record.subjects) != 1:
            raise ChainError("first", "An item's first record is about that item alone.")
        return record.subjects[0]
    for subject in record.subjects:
        if subject.item == state.item:
            return subject
    raise ChainError("subject", "The record is not about this item.")


def _first(record: Record, subject: Subject, leaf: bytes, actor: Actor) -> ItemState:
    if record.type is RecordType.ITEM_INTAKE:
        holder, status = actor.person, Status.HELD
    elif record.type is RecordType.ITEM_QUARANTINE:
        holder, status = None, Status.QUARANTINED
    else:
        raise ChainError("first", f"An item's history cannot begin with {record.type}.")
    if record.case is None:
        raise ChainError("case", "An item is taken in without a case.")
    _require_refs(record)
    return ItemState(subject.item, record.case, subject.seq, leaf, holder, status)


def _offer(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_holder(state, record, actor)
    if state.transfer:
        raise ChainError("transfer", "A transfer of the item is open already.")
    _require_refs(record)
    # An offer ends a proposed disposal: no record type refuses one, so it would block the item for ever.
    return replace(state, transfer=OpenTransfer(leaf, actor.person), disposal=None)


def _accept(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    transfer = _offered(state)
    _require_refs(record, transfer.offer)
    _require_other_person(actor, transfer.giver, "The giver cannot accept their own transfer.")
    return replace(state, transfer=replace(transfer, accept=leaf, taker=actor.person))


def _refuse(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    transfer = _offered(state)
    _require_refs(record, transfer.offer)
    _require_other_person(actor, transfer.giver, "The giver withdraws a transfer; only the taker refuses it.")
    return replace(state, transfer=None)


def _withdraw(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    transfer = _open_transfer(state)
    _require_refs(record, transfer.offer)
    if actor.person != transfer.giver:
        raise ChainError("person", "Only the giver can withdraw a transfer.")
    return replace(state, transfer=None)


def _approve(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    transfer = _decided_by_third(state, record, actor)
    return replace(state, transfer=None, holder=transfer.taker)


def _reject(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _decided_by_third(state, record, actor)
    return replace(state, transfer=None)


def _plan(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_refs(record)
    return replace(state, plans={**state.plans, leaf: actor.person})


def _derivative(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    planner = state.plans.get(_only_ref(record))
    if planner is None:
        raise ChainError("redaction", "The derivative does not carry out a recorded plan of this item.")
    return replace(state, pending={**state.pending, leaf: planner})


def _release(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    derivative = _only_ref(record)
    planner = state.pending.get(derivative)
    if planner is None:
        raise ChainError("redaction", "There is no such unreleased derivative of this item.")
    _require_other_person(actor, planner, "Whoever planned a redaction cannot release it.")
    return replace(state, pending={made: who for made, who in state.pending.items() if made != derivative})


def _place_hold(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_refs(record)
    return replace(state, holds=state.holds | {leaf})


def _release_hold(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    hold = _only_ref(record)
    if hold not in state.holds:
        raise ChainError("hold", "There is no such hold on the item.")
    return replace(state, holds=state.holds - {hold})


def _propose_disposal(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_no_hold(state)
    if state.transfer:
        raise ChainError(
            "disposal", "An item cannot be proposed for disposal while a transfer of it is open."
        )
    _require_refs(record)
    return replace(state, disposal=OpenDisposal(leaf, actor.person))


def _approve_disposal(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_no_hold(state)
    disposal = state.disposal
    if disposal is None or disposal.approve is not None:
        raise ChainError("disposal", "No disposal of the item waits for approval.")
    _require_refs(record, disposal.propose)
    _require_other_person(actor, disposal.proposer, "Whoever proposed a disposal cannot approve it.")
    return replace(state, disposal=replace(disposal, approve=leaf))


def _carry_out_disposal(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_no_hold(state)
    disposal = state.disposal
    if disposal is None or disposal.approve is None:
        raise ChainError("disposal", "No disposal of the item is approved.")
    _require_refs(record, disposal.propose, disposal.approve)
    return replace(state, disposal=None, holder=None, status=Status.DISPOSED)


def _by_holder(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    _require_holder(state, record, actor)
    return state


def _correct(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    if not record.refs:
        raise ChainError("refs", "A correction names the record that it corrects.")
    return state


def _unchanged(state: ItemState, record: Record, leaf: bytes, actor: Actor) -> ItemState:
    return state


def _offered(state: ItemState) -> OpenTransfer:
    transfer = _open_transfer(state)
    if transfer.accept is not None:
        raise ChainError("transfer", "The transfer is accepted already.")
    return transfer


def _open_transfer(state: ItemState) -> OpenTransfer:
    if state.transfer is None:
        raise ChainError("transfer", "No transfer of the item is open.")
    return state.transfer


def _decided_by_third(state: ItemState, record: Record, actor: Actor) -> OpenTransfer:
    transfer = _open_transfer(state)
    if transfer.accept is None:
        raise ChainError("transfer", "The transfer is not accepted yet.")
    _require_refs(record, transfer.offer, transfer.accept)
    if actor.person in (transfer.giver, transfer.taker):
        raise ChainError("person", "Giver and taker cannot decide on their own transfer.")
    return transfer


def _require_holder(state: ItemState, record: Record, actor: Actor) -> None:
    if state.holder != actor.person:
        raise ChainError("holder", f"Only the item's custodian can sign {record.type}.")


def _require_other_person(actor: Actor, first: UUID, sentence: str) -> None:
    if actor.person == first:
        raise ChainError("person", sentence)


def _require_no_hold(state: ItemState) -> None:
    if state.holds:
        raise ChainError("hold", "The item is under a hold and cannot be disposed of.")


def _require_refs(record: Record, *refs: bytes) -> None:
    if record.refs != refs:
        raise ChainError(
            "refs", f"The record of type {record.type} does not answer the records it should answer."
        )


def _only_ref(record: Record) -> bytes:
    if len(record.refs) != 1:
        raise ChainError("refs", f"A record of type {record.type} answers exactly one record.")
    return record.refs[0]


_T = RecordType

# Every type that may follow an item's first record; a type that is missing here cannot be about an item.
_RULES: Mapping[RecordType, _Rule] = MappingProxyType(
    {
        _T.TRANSFER_OFFER: _offer,
        _T.TRANSFER_ACCEPT: _accept,
        _T.TRANSFER_REFUSE: _refuse,
        _T.TRANSFER_WITHDRAW: _withdraw,
        _T.TRANSFER_APPROVE: _approve,
        _T.TRANSFER_REJECT: _reject,
        _T.REDACTION_PLAN: _plan,
        _T.DERIVATIVE_MAKE: _derivative,
        _T.REDACTION_RELEASE: _release,
        _T.HOLD_PLACE: _place_hold,
        _T.HOLD_RELEASE: _release_hold,
        _T.DISPOSE_PROPOSE: _propose_disposal,
        _T.DISPOSE_APPROVE: _approve_disposal,
        _T.DISPOSE_DONE: _carry_out_disposal,
        _T.CORRECT: _correct,
        **dict.fromkeys(
            (
                _T.STORAGE_IN,
                _T.STORAGE_OUT,
                _T.SEAL_APPLY,
                _T.SEAL_BREAK,
                _T.EXAM_START,
                _T.EXAM_END,
                _T.COPY_MAKE,
            ),
            _by_holder,
        ),
        **dict.fromkeys(
            (
                _T.ITEM_METADATA,
                _T.HASH_VERIFY,
                _T.FIXITY_CHECK,
                _T.ACCESS_UNREDACTED,
                _T.TOOL_RUN,
                _T.NOTE,
                _T.ERASURE,
            ),
            _unchanged,
        ),
        **dict.fromkeys(
            (_T.DISCLOSURE_GRANT, _T.DISCLOSURE_PACKAGE, _T.DISCLOSURE_DOWNLOAD, _T.DISCLOSURE_RECEIPT),
            _unchanged,
        ),
        **dict.fromkeys((_T.DISCLOSURE_REVOKE, _T.REPORT_ISSUED), _unchanged),
    }
)

# Redacted copies outlive the item they were made from, and so do the records of who fetched them.
_AFTER_DISPOSAL = frozenset(
    {
        _T.NOTE,
        _T.CORRECT,
        _T.ERASURE,
        _T.REPORT_ISSUED,
        _T.DISCLOSURE_DOWNLOAD,
        _T.DISCLOSURE_RECEIPT,
        _T.DISCLOSURE_REVOKE,
    }
)
_IN_QUARANTINE = _AFTER_DISPOSAL | {
    _T.FIXITY_CHECK,
    _T.HASH_VERIFY,
    _T.HOLD_PLACE,
    _T.HOLD_RELEASE,
    _T.DISPOSE_PROPOSE,
    _T.DISPOSE_APPROVE,
    _T.DISPOSE_DONE,
}
_ALLOWED_IN: Mapping[Status, frozenset[RecordType]] = MappingProxyType(
    {
        Status.HELD: frozenset(_RULES),
        Status.QUARANTINED: _IN_QUARANTINE,
        Status.DISPOSED: _AFTER_DISPOSAL,
    }
)
