"""The history of an item: what may follow what, and who may sign it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from custody.proof.chain import Actor, ItemState, Status, step
from custody.proof.errors import ChainError
from custody.proof.records import NO_ENTRY, NOTHING_SEEN, Record, RecordType, Role, Subject

T = RecordType
CASE, ITEM = uuid4(), uuid4()


def person(*roles: Role) -> Actor:
    return Actor("k" * 43, uuid4(), frozenset(roles))


ANA, EVE = person(Role.EXAMINER), person(Role.EXAMINER)
OTTO = person(Role.EVIDENCE_OFFICER)
SARA, SAM = person(Role.SUPERVISOR), person(Role.SUPERVISOR)
ADA = person(Role.ADVOCATE)
MACHINE = person(Role.SERVICE)
BOTH = person(Role.EXAMINER, Role.SUPERVISOR)


def leaf(number: int) -> bytes:
    return bytes([number]) * 32


class History:
    """Follow one item; leaves are numbered by the records' place in it."""

    def __init__(self) -> None:
        self.state: ItemState | None = None
        self.length = 0

    def add(self, kind: RecordType, by: Actor, *refs: int, case: UUID | None = CASE) -> int:
        """Let one record follow; return its number."""
        prev = self.state.head if self.state else NO_ENTRY
        record = record_of(kind, [Subject(ITEM, self.length + 1, prev)], refs, case)
        self.state = step(self.state, record, leaf(self.length + 1), by)
        self.length += 1
        return self.length

    def refuses(self, code: str, kind: RecordType, by: Actor, *refs: int, case: UUID | None = CASE) -> str:
        """Expect a ChainError with this code; return its sentence."""
        with pytest.raises(ChainError) as caught:
            self.add(kind, by, *refs, case=case)
        assert caught.value.code == code
        return str(caught.value)

    @property
    def now(self) -> ItemState:
        assert self.state is not None
        return self.state


def record_of(
    kind: RecordType, subjects: Sequence[Subject], refs: Sequence[int] = (), case: UUID | None = CASE
) -> Record:
    return Record(
        v=1,
        log="evidence.test/log",
        type=kind,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        nonce=bytes(16),
        actor="k" * 43,
        case=case,
        subjects=tuple(subjects),
        seen=NOTHING_SEEN,
        refs=tuple(leaf(ref) for ref in refs),
        claims={},
        extra={},
    )


@pytest.fixture
def held() -> History:
    history = History()
    history.add(T.ITEM_INTAKE, ANA)
    return history


@pytest.fixture
def offered(held: History) -> History:
    held.add(T.TRANSFER_OFFER, ANA)
    return held


@pytest.fixture
def accepted(offered: History) -> History:
    offered.add(T.TRANSFER_ACCEPT, OTTO, 2)
    return offered


def test_an_item_begins_with_its_intake_and_is_held_by_who_took_it_in(held: History) -> None:
    assert (held.now.holder, held.now.status, held.now.seq, held.now.head) == (
        ANA.person,
        Status.HELD,
        1,
        leaf(1),
    )
    assert held.now.case == CASE


def test_an_item_cannot_begin_with_anything_else() -> None:
    assert "cannot begin" in History().refuses("first", T.FIXITY_CHECK, MACHINE)


def test_an_items_first_record_is_about_it_alone() -> None:
    box = [Subject(ITEM, 1, NO_ENTRY), Subject(uuid4(), 1, NO_ENTRY)]
    with pytest.raises(ChainError) as caught:
        step(None, record_of(T.ITEM_INTAKE, box), leaf(1), ANA)
    assert caught.value.code == "first"


def test_intake_is_refused_without_the_role() -> None:
    History().refuses("role", T.ITEM_INTAKE, SARA)


def test_intake_needs_a_case() -> None:
    History().refuses("case", T.ITEM_INTAKE, ANA, case=None)


def test_intake_happens_once(held: History) -> None:
    held.refuses("status", T.ITEM_INTAKE, ANA)


def test_an_item_never_changes_its_case(held: History) -> None:
    held.refuses("case", T.NOTE, ANA, case=uuid4())


def test_a_record_must_be_the_next_one(held: History) -> None:
    for subject in (Subject(ITEM, 3, leaf(1)), Subject(ITEM, 2, leaf(9)), Subject(ITEM, 1, NO_ENTRY)):
        with pytest.raises(ChainError) as caught:
            step(held.state, record_of(T.NOTE, [subject]), leaf(2), ANA)
        assert caught.value.code == "link"


def test_a_record_about_another_item_cannot_follow(held: History) -> None:
    with pytest.raises(ChainError) as caught:
        step(held.state, record_of(T.NOTE, [Subject(uuid4(), 2, leaf(1))]), leaf(2), ANA)
    assert caught.value.code == "subject"


def test_a_box_moves_every_item_in_it(held: History) -> None:
    box = [Subject(uuid4(), 7, leaf(8)), Subject(ITEM, 2, leaf(1))]
    after = step(held.state, record_of(T.TRANSFER_OFFER, box), leaf(2), ANA)
    assert after.transfer is not None and after.transfer.offer == leaf(2) and after.seq == 2


def test_custody_moves_at_approval_and_not_before(accepted: History) -> None:
    assert accepted.now.holder == ANA.person
    accepted.add(T.TRANSFER_APPROVE, SARA, 2, 3)
    assert (accepted.now.holder, accepted.now.transfer) == (OTTO.person, None)


def test_only_the_custodian_offers(held: History) -> None:
    held.refuses("holder", T.TRANSFER_OFFER, EVE)


def test_the_former_custodian_cannot_offer_again(accepted: History) -> None:
    accepted.add(T.TRANSFER_APPROVE, SARA, 2, 3)
    accepted.refuses("holder", T.TRANSFER_OFFER, ANA)
    accepted.add(T.TRANSFER_OFFER, OTTO)


def test_an_offer_answers_nothing(held: History) -> None:
    held.refuses("refs", T.TRANSFER_OFFER, ANA, 1)


def test_only_one_transfer_is_open_at_a_time(offered: History) -> None:
    offered.refuses("transfer", T.TRANSFER_OFFER, ANA)


def test_nothing_can_be_accepted_that_was_not_offered(held: History) -> None:
    held.refuses("transfer", T.TRANSFER_ACCEPT, OTTO, 1)


def test_an_acceptance_names_the_offer(offered: History) -> None:
    offered.refuses("refs", T.TRANSFER_ACCEPT, OTTO)
    offered.refuses("refs", T.TRANSFER_ACCEPT, OTTO, 1)


def test_the_giver_cannot_accept(offered: History) -> None:
    assert "giver" in offered.refuses("person", T.TRANSFER_ACCEPT, ANA, 2)


def test_a_transfer_is_accepted_once(accepted: History) -> None:
    accepted.refuses("transfer", T.TRANSFER_ACCEPT, EVE, 2)


def test_a_refused_transfer_leaves_the_item_where_it_is(offered: History) -> None:
    offered.add(T.TRANSFER_REFUSE, OTTO, 2)
    assert (offered.now.holder, offered.now.transfer) == (ANA.person, None)


def test_the_giver_cannot_refuse_and_an_accepted_transfer_cannot_be_refused(offered: History) -> None:
    offered.refuses("person", T.TRANSFER_REFUSE, ANA, 2)
    offered.add(T.TRANSFER_ACCEPT, OTTO, 2)
    offered.refuses("transfer", T.TRANSFER_REFUSE, OTTO, 2)


def test_the_giver_withdraws_until_it_is_decided(accepted: History) -> None:
    accepted.refuses("person", T.TRANSFER_WITHDRAW, OTTO, 2)
    accepted.add(T.TRANSFER_WITHDRAW, ANA, 2)
    assert accepted.now.transfer is None
    accepted.refuses("transfer", T.TRANSFER_WITHDRAW, ANA, 2)


def test_a_decision_needs_an_acceptance_and_names_both_records(offered: History) -> None:
    offered.refuses("transfer", T.TRANSFER_APPROVE, SARA, 2)
    offered.add(T.TRANSFER_ACCEPT, OTTO, 2)
    offered.refuses("refs", T.TRANSFER_APPROVE, SARA, 2)
    offered.refuses("refs", T.TRANSFER_APPROVE, SARA, 3, 2)


@pytest.mark.parametrize("kind", [T.TRANSFER_APPROVE, T.TRANSFER_REJECT])
def test_giver_and_taker_cannot_decide(held: History, kind: RecordType) -> None:
    held.add(T.TRANSFER_OFFER, ANA)
    held.add(T.TRANSFER_ACCEPT, BOTH, 2)
    held.refuses("person", kind, BOTH, 2, 3)
    held.refuses("person", kind, replace(ANA, roles=frozenset({Role.SUPERVISOR})), 2, 3)
    held.refuses("role", kind, EVE, 2, 3)


def test_a_rejected_transfer_leaves_the_item_where_it_is(accepted: History) -> None:
    accepted.add(T.TRANSFER_REJECT, SARA, 2, 3)
    assert (accepted.now.holder, accepted.now.transfer) == (ANA.person, None)


def test_a_redacted_copy_follows_a_plan_and_is_released_by_somebody_else(held: History) -> None:
    plan = held.add(T.REDACTION_PLAN, BOTH)
    made = held.add(T.DERIVATIVE_MAKE, MACHINE, plan)
    held.refuses("person", T.REDACTION_RELEASE, BOTH, made)
    held.add(T.REDACTION_RELEASE, ADA, made)
    held.refuses("redaction", T.REDACTION_RELEASE, SARA, made)


def test_a_copy_without_a_plan_is_refused(held: History) -> None:
    held.refuses("redaction", T.DERIVATIVE_MAKE, MACHINE, 1)
    held.refuses("refs", T.DERIVATIVE_MAKE, MACHINE)
    held.refuses("redaction", T.REDACTION_RELEASE, SARA, 1)


def test_a_plan_can_be_carried_out_twice_and_each_copy_is_released_by_itself(held: History) -> None:
    plan = held.add(T.REDACTION_PLAN, EVE)
    first, second = held.add(T.DERIVATIVE_MAKE, MACHINE, plan), held.add(T.DERIVATIVE_MAKE, MACHINE, plan)
    held.add(T.REDACTION_RELEASE, SARA, second)
    assert set(held.now.pending) == {leaf(first)}


def test_quarantine_freezes_an_item() -> None:
    history = History()
    history.add(T.ITEM_QUARANTINE, MACHINE)
    assert (history.now.status, history.now.holder) == (Status.QUARANTINED, None)
    for kind, by in ((T.TRANSFER_OFFER, ANA), (T.REDACTION_PLAN, ANA), (T.ITEM_METADATA, MACHINE)):
        history.refuses("status", kind, by)
    history.add(T.FIXITY_CHECK, MACHINE)
    history.add(T.NOTE, SARA)


@pytest.mark.parametrize("kind", [T.STORAGE_IN, T.SEAL_BREAK, T.EXAM_START, T.COPY_MAKE])
def test_who_does_not_hold_an_item_cannot_handle_it(held: History, kind: RecordType) -> None:
    held.refuses("holder", kind, EVE)
    held.add(kind, ANA)


def test_a_correction_names_what_it_corrects(held: History) -> None:
    held.refuses("refs", T.CORRECT, ANA)
    held.add(T.CORRECT, ANA, 1)


def test_a_hold_stops_disposal_for_everybody(held: History) -> None:
    hold = held.add(T.HOLD_PLACE, SARA)
    held.refuses("hold", T.DISPOSE_PROPOSE, OTTO)
    held.refuses("hold", T.HOLD_RELEASE, SARA, 1)
    held.add(T.HOLD_RELEASE, SARA, hold)
    held.add(T.DISPOSE_PROPOSE, OTTO)


def test_a_hold_stops_a_disposal_that_is_already_approved(held: History) -> None:
    proposed = held.add(T.DISPOSE_PROPOSE, OTTO)
    approved = held.add(T.DISPOSE_APPROVE, SARA, proposed)
    held.add(T.HOLD_PLACE, SARA)
    held.refuses("hold", T.DISPOSE_DONE, OTTO, proposed, approved)


def test_disposal_is_proposed_approved_and_carried_out(held: History) -> None:
    held.refuses("disposal", T.DISPOSE_DONE, OTTO)
    held.refuses("disposal", T.DISPOSE_APPROVE, SARA)
    proposed = held.add(T.DISPOSE_PROPOSE, SARA)
    held.refuses("person", T.DISPOSE_APPROVE, SARA, proposed)
    held.refuses("refs", T.DISPOSE_APPROVE, SAM, 1)
    held.refuses("disposal", T.DISPOSE_DONE, OTTO, proposed)
    approved = held.add(T.DISPOSE_APPROVE, SAM, proposed)
    held.add(T.DISPOSE_DONE, OTTO, proposed, approved)
    assert (held.now.status, held.now.holder) == (Status.DISPOSED, None)
    held.refuses("status", T.FIXITY_CHECK, MACHINE)
    held.add(T.NOTE, SARA)


def test_an_item_in_transfer_cannot_be_proposed_for_disposal(offered: History) -> None:
    offered.refuses("disposal", T.DISPOSE_PROPOSE, OTTO)


def test_an_offer_ends_a_proposed_disposal(held: History) -> None:
    proposed = held.add(T.DISPOSE_PROPOSE, SARA)
    held.add(T.TRANSFER_OFFER, ANA)
    held.refuses("disposal", T.DISPOSE_APPROVE, SAM, proposed)


@pytest.mark.parametrize("kind", [T.CASE_OPEN, T.REVEAL_APPROVE, T.AUTHORITY_ADD])
def test_records_about_cases_are_not_part_of_an_items_history(held: History, kind: RecordType) -> None:
    by = SARA if kind is not T.AUTHORITY_ADD else ANA
    held.refuses("status", kind, by)
