"""Transfers: custody moves only when the taker has re-hashed and signed, and a third person approved."""

import pytest

from custody.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotReadyError,
    StaleError,
)
from custody.ledger import history
from custody.transfers import Transfer
from evidence.items import FixityCheck, Item


@pytest.fixture
def item(cast):
    return cast.take_in(cast.add_authority(cast.open_case()))


def test_custody_moves_at_approval_and_not_before(cast, item):
    transfer = cast.hand_over(item)
    assert Item.objects.get().custodian == cast.examiner
    cast.act("officer", "transfer.accept", transfer=transfer)
    assert Item.objects.get().custodian == cast.examiner
    cast.act("supervisor", "transfer.approve", transfer=transfer, note="Checked against the store's book")
    moved = Item.objects.get()
    assert moved.custodian == cast.officer
    assert moved.location == "Store A"


def test_each_step_names_the_step_before_by_its_leaf_hash(cast, item):
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    cast.act("supervisor", "transfer.approve", transfer=transfer)
    row = Transfer.objects.get()
    offer, accept, approve = (history.read(i) for i in (row.offer_entry, row.accept_entry, row.end_entry))
    assert accept.record.refs == (offer.leaf,)
    assert approve.record.refs == (offer.leaf, accept.leaf)
    assert history.item_state(item.pk).holder == cast.officer.uuid


def test_the_taker_cannot_accept_before_the_stored_bytes_were_read_again(cast, item):
    transfer = cast.act(
        "examiner",
        "transfer.offer",
        item=str(item.pk),
        taker=str(cast.officer.uuid),
        purpose="Storage",
        place="Store A",
        seal_number="S-1",
        seal_condition="intact",
    )["transfer"]
    with pytest.raises(NotReadyError):
        cast.act("officer", "transfer.accept", transfer=transfer)


def test_a_mismatch_stops_the_transfer_and_is_recorded(cast, item):
    transfer = cast.hand_over(item)
    FixityCheck.objects.update(outcome="mismatch")
    with pytest.raises(ConflictError, match="no longer match"):
        cast.act("officer", "transfer.accept", transfer=transfer)


def test_supervisor_cannot_approve_what_nobody_accepted(cast, item):
    transfer = cast.hand_over(item)
    with pytest.raises(ConflictError, match="waiting for the taker"):
        cast.act("supervisor", "transfer.approve", transfer=transfer)


def test_only_the_custodian_offers(cast, item):
    with pytest.raises(NotAllowedError, match="present custodian"):
        cast.hand_over(item, giver="examiner2")


def test_nobody_offers_to_themselves(cast, item):
    with pytest.raises(InvalidError, match="another person"):
        cast.hand_over(item, taker="examiner")


def test_only_the_named_taker_answers(cast, item):
    transfer = cast.hand_over(item)
    for act in ("transfer.accept", "transfer.refuse"):
        with pytest.raises(NotAllowedError, match="named as taker"):
            cast.act("examiner2", act, transfer=transfer, reason="no")


def test_a_stranger_learns_nothing(cast, item):
    transfer = cast.hand_over(item)
    with pytest.raises(NotFoundError):
        cast.act("stranger", "transfer.accept", transfer=transfer)
    with pytest.raises(NotFoundError):
        cast.act("supervisor2", "transfer.approve", transfer=transfer)


def test_one_transfer_at_a_time_per_item(cast, item):
    cast.hand_over(item)
    with pytest.raises(ConflictError, match="open already"):
        cast.hand_over(item)


@pytest.mark.parametrize(
    ("act", "who", "state"),
    [("transfer.refuse", "officer", "refused"), ("transfer.withdraw", "examiner", "withdrawn")],
)
def test_an_ended_transfer_leaves_the_giver_custodian(cast, item, act, who, state):
    transfer = cast.hand_over(item)
    cast.act(who, act, transfer=transfer, reason="Seal number differs")
    assert Transfer.objects.get().state == state
    assert Item.objects.get().custodian == cast.examiner
    assert cast.hand_over(Item.objects.get())


def test_a_rejection_needs_a_reason_and_moves_nothing(cast, item):
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    with pytest.raises(InvalidError, match="reason"):
        cast.act("supervisor", "transfer.reject", transfer=transfer)
    cast.act("supervisor", "transfer.reject", transfer=transfer, reason="Wrong store")
    assert Item.objects.get().custodian == cast.examiner


def test_two_people_pressing_the_same_button_get_one_record_and_one_clear_answer(cast, item):
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    first = cast.prepare("supervisor", "transfer.approve", transfer=transfer)
    second = cast.prepare("supervisor", "transfer.approve", transfer=transfer)
    cast.sign("supervisor", first)
    with pytest.raises(ConflictError, match="somebody acted before you"):
        cast.sign("supervisor", second)


def test_a_draft_prepared_before_another_record_is_stale_and_writes_nothing(cast, item):
    params = {
        "item": str(item.pk),
        "taker": str(cast.officer.uuid),
        "purpose": "Storage",
        "place": "Store A",
        "seal_number": "S-1",
        "seal_condition": "intact",
    }
    draft = cast.prepare("examiner", "transfer.offer", **params)
    cast.act("examiner", "redaction.plan", item=str(item.pk))
    with pytest.raises(StaleError):
        cast.sign("examiner", draft)
    assert not Transfer.objects.exists()
