"""Notes, corrections and suspicions are records of their own: nothing earlier changes, verifiers tell all of it."""

from datetime import timedelta

import pytest

from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.ledger import history, prove
from custody.ledger.genesis import policy_text
from custody.proof.findings import FindingCode
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import verify_bundle
from evidence.items import Item
from tests.cast import Cast


@pytest.fixture
def item(cast: Cast) -> Item:
    return cast.take_in(cast.add_authority(cast.open_case()))


def verdict(cast: Cast, item: Item) -> Verdict:
    proven = prove.prove(Namespace.ITEM, str(item.pk), cast.now())
    return verify_bundle(proven.data, policy=parse_policy(policy_text()))


WRONG = {"wrong": "The seal number is S-100.", "right": "It is S-101.", "reason": "Misread the label."}


def test_a_note_and_a_correction_are_told_beside_what_they_are_about(cast: Cast, item: Item) -> None:
    intake = item.last_entry
    cast.act("auditor", "note", item=str(item.pk), note="Seen on the shelf.")
    cast.act("officer", "correct", item=str(item.pk), entry=intake, **WRONG)
    told = list(history.of_key("item", str(item.pk)))
    assert [str(t.record.type) for t in told] == ["item.intake", "note", "correct"]
    assert told[2].record.refs == (told[0].leaf,)
    assert verdict(cast, item).outcome is Outcome.VERIFIED


def test_they_name_no_victim_and_no_record_of_another_exhibit(cast: Cast, item: Item) -> None:
    cast.register_victim(item.case, ("name", "Mirela Dobrin"))
    with pytest.raises(InvalidError):
        cast.act("examiner", "note", item=str(item.pk), note="Mirela Dobrin called.")
    other = cast.take_in(item.authority, b"another")
    with pytest.raises(InvalidError):
        cast.act("examiner", "correct", item=str(item.pk), entry=other.last_entry, **WRONG)
    with pytest.raises(NotAllowedError):
        cast.act("prosecutor", "correct", item=str(item.pk), entry=item.last_entry, **WRONG)
    with pytest.raises(NotFoundError):
        cast.act("stranger", "note", item=str(item.pk), note="Who am I?")


def test_what_a_suspected_key_signed_since_is_marked_in_every_report(cast: Cast, item: Item) -> None:
    since = (cast.clock - timedelta(hours=1)).isoformat()
    key = cast.key("examiner").keyid
    cast.act("admin", "key.suspect", key=key, since=since, reason="Laptop stolen")
    found = verdict(cast, item)
    assert found.outcome is Outcome.WITH_REMARKS
    assert item.last_entry in {f.index for f in found.findings if f.code is FindingCode.KEY_SUSPECT}


def test_a_suspicion_is_ones_own_or_an_administrators_and_never_of_the_future(cast: Cast, item: Item) -> None:
    key, past = cast.key("examiner").keyid, (cast.clock - timedelta(hours=1)).isoformat()
    with pytest.raises(NotAllowedError):
        cast.act("officer", "key.suspect", key=key, since=past, reason="I think so")
    with pytest.raises(InvalidError):
        future = (cast.clock + timedelta(days=1)).isoformat()
        cast.act("examiner", "key.suspect", key=key, since=future, reason="Tomorrow")
    with pytest.raises((NotFoundError, ConflictError)):
        cast.act("admin", "key.suspect", key="unknown", since=past, reason="Which?")
    cast.act("examiner", "key.suspect", key=key, since=past, reason="My bag was open")
