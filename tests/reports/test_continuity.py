"""Continuity: each rule finds its break in a signed history, says it with times, and keeps quiet otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from custody.proof.bundle import BundleParts, WithheldPart
from custody.proof.canonical import JSON
from custody.reports import content as c
from custody.reports.continuity import ERASED, RULES, Continuity, examine
from custody.reports.holdings import timeline
from custody.reports.story import Story
from tests.proof.world import T, World

SHEET: dict[str, JSON] = {
    "acquired_at": "2026-03-02T09:08:00Z",
    "location": "Store A",
    "seal_number": "S-100",
    "seal_condition": "intact",
}


def taken_in(world: World, **changed: JSON) -> UUID:
    """Take in an exhibit acquired at the very minute of its intake, which was read again since."""
    stated = (world.now + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sheet = {**SHEET, "acquired_at": stated, **changed}
    return world.intake(sheet={name: value for name, value in sheet.items() if value != ""})


def read_again(world: World, item: UUID, outcome: str = "match") -> None:
    world.record(T.FIXITY_CHECK, world.service, item, claims={"outcome": outcome})


def offered(world: World, item: UUID, **changed: JSON) -> int:
    claims: dict[str, JSON] = {
        "purpose": "storage", "place": "Store B", "seal_number": "S-100", "seal_condition": "intact",
    }  # fmt: skip
    return world.record(T.TRANSFER_OFFER, world.ana, item, claims=claims | changed)


def accepted(world: World, item: UUID, offer: int, condition: str = "intact") -> int:
    return world.record(
        T.TRANSFER_ACCEPT, world.otto, item, refs=[offer], claims={"seal_condition": condition}
    )


def asked(world: World, item: UUID, change: Callable[[BundleParts], BundleParts] | None = None) -> Continuity:
    world.publish()
    parts = world.parts(item)
    return examine(Story(change(parts) if change else parts), {item: "A-1"}, world.now)


def kinds(found: Continuity) -> list[str]:
    return [gap.kind for gap in found.gaps]


def test_an_unbroken_history_is_said_to_have_no_gap_rule_by_rule() -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item)
    offer = offered(world, item)
    world.record(
        T.TRANSFER_APPROVE,
        world.sara,
        item,
        refs=[offer, accepted(world, item, offer)],
        claims={"place": "Store B"},
    )
    found = asked(world, item)
    assert found.gaps == () and found.periods == {}
    assert [(q.kind, q.found, q.untold) for q in found.questions] == [
        (kind, 0, 0) for kind in [*RULES, ERASED[0]]
    ]


def test_the_time_between_acquisition_and_intake_is_a_gap_with_its_length() -> None:
    world = World()
    item = taken_in(world, acquired_at="2026-02-27T08:06:00Z")
    read_again(world, item)
    (gap,) = asked(world, item).gaps
    assert (gap.kind, gap.begin) == ("Before intake", "2026-02-27 08:06:00 UTC")
    assert "3 days and 1 hour" in str(gap.explanation)


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ("", "No time of acquisition"),
        ("last week", "cannot be read"),
        ("2026-03-05T09:00:00Z", "after the intake"),
    ],
)
def test_an_acquisition_without_a_usable_time_is_said(stated: str, says: str) -> None:
    world = World()
    item = taken_in(world, acquired_at=stated)
    read_again(world, item)
    (gap,) = asked(world, item).gaps
    assert gap.kind == "Before intake" and says in str(gap.explanation)


def test_a_quarantined_file_has_no_custodian() -> None:
    world = World()
    item = UUID("6b2f1c7e-0d5a-4a53-9f0e-1a2b3c4d5e6f")
    world.record(T.ITEM_QUARANTINE, world.service, item, claims={"sheet": SHEET})
    read_again(world, item)
    found = asked(world, item)
    assert "Nobody answers" in kinds(found)
    assert found.periods[item]


def test_a_place_that_is_stated_only_at_the_first_transfer_leaves_a_gap_until_then() -> None:
    world = World()
    item = taken_in(world, location="")
    read_again(world, item)
    offer = offered(world, item)
    accept = accepted(world, item, offer)
    world.record(T.TRANSFER_APPROVE, world.sara, item, refs=[offer, accept], claims={"place": "Store B"})
    moved = world.now
    (gap,) = asked(world, item).gaps
    assert (gap.kind, gap.end) == ("No place", c.moment(moved))


@pytest.mark.parametrize("taken", [False, True])
def test_a_transfer_without_approval_is_open_until_the_end(taken: bool) -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item)
    offer = offered(world, item)
    begun = world.now
    if taken:
        accepted(world, item, offer)
    found = asked(world, item)
    (gap,) = found.gaps
    assert (gap.kind, gap.begin, gap.end) == ("Open transfer", c.moment(begun), c.moment(world.now))
    assert ("not approved" if taken else "not answered") in str(gap.explanation)
    assert len(found.periods[item]) == 1


@pytest.mark.parametrize("end", [T.TRANSFER_REFUSE, T.TRANSFER_WITHDRAW])
def test_a_transfer_that_ended_otherwise_is_no_gap(end: T) -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item)
    offer = offered(world, item)
    world.record(end, world.otto if end is T.TRANSFER_REFUSE else world.ana, item, refs=[offer])
    assert asked(world, item).gaps == ()


def test_bytes_never_read_again_are_a_gap_since_intake() -> None:
    world = World()
    item = taken_in(world)
    assert kinds(asked(world, item)) == ["Not read again"]


@pytest.mark.parametrize(
    ("outcome", "says"), [("mismatch", "did not give"), ("unreadable", "could not be read")]
)
def test_a_reading_that_did_not_match_is_a_finding_and_unreadable_is_not_tampering(
    outcome: str, says: str
) -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item, outcome)
    (gap,) = asked(world, item).gaps
    assert gap.kind == "Hash differs" and says in str(gap.explanation)


@pytest.mark.parametrize(
    ("offer_says", "accept_says", "what"),
    [({"seal_number": "S-101"}, "intact", "number"), ({}, "torn", "condition"), ({}, " Intact ", None)],
)
def test_a_seal_described_differently_is_a_finding(offer_says, accept_says, what) -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item)
    offer = offered(world, item, **offer_says)
    accept = accepted(world, item, offer, accept_says)
    world.record(T.TRANSFER_APPROVE, world.sara, item, refs=[offer, accept], claims={"place": "Store B"})
    found = asked(world, item)
    assert kinds(found) == (["Seal differs"] if what else [])
    assert all(f"The {what} of the seal" in str(gap.explanation) for gap in found.gaps)


def test_a_stated_time_before_an_earlier_record_is_a_contradiction() -> None:
    world = World()
    item = taken_in(world)
    world.now += timedelta(hours=5)
    read_again(world, item)
    world.record(T.NOTE, world.ana, item, time=world.now - timedelta(hours=3))
    world.record(T.NOTE, world.ana, item, time=world.now - timedelta(minutes=50))
    (gap,) = asked(world, item).gaps
    assert gap.kind == "Clocks disagree" and "states a time 3 hours before" in str(gap.explanation)


def test_an_erased_record_is_named_with_its_order() -> None:
    world = World()
    item = taken_in(world)
    read_again(world, item)
    note = world.record(T.NOTE, world.ana, item, claims={"note": "x"})
    order = world.erase(world.sara, note)

    def erased(parts: BundleParts) -> BundleParts:
        entries = [
            WithheldPart(part.index, world.leaf(note), order, part.proof) if part.index == note else part
            for part in parts.entries
        ]
        return replace(parts, entries=tuple(entries))

    found = asked(world, item, erased)
    assert kinds(found) == ["Erased"] and f"order is record {order}" in str(found.gaps[0].explanation)


def test_what_a_copy_withholds_is_not_said_to_be_without_gap() -> None:
    world = World()
    item = taken_in(world)
    offer = offered(world, item)
    accepted(world, item, offer)
    found = asked(world, item, lambda parts: replace(parts, openings=()))
    untold = {question.kind for question in found.questions if question.untold}
    assert untold == {"Before intake", "No place", "Seal differs"}
    # What the signed records themselves show stays visible in the most silent copy.
    assert set(kinds(found)) == {"Open transfer", "Not read again"}


def test_the_timeline_shows_each_custodian_from_approval_to_approval() -> None:
    world = World()
    item = taken_in(world)
    began = world.now
    read_again(world, item)
    offer = offered(world, item)
    accept = accepted(world, item, offer)
    world.record(T.TRANSFER_APPROVE, world.sara, item, refs=[offer, accept])
    moved = world.now
    read_again(world, item, "mismatch")
    world.publish()
    line = timeline(Story(world.parts(item)), {item: "A-1"}, {}, world.now + timedelta(minutes=5))
    assert line is not None
    (lane,) = line.lanes
    assert [(h.number, h.begin, h.end) for h in lane.holdings] == [
        (1, c.moment(began), c.moment(moved)),
        (2, c.moment(moved), c.NOT_APPLICABLE),
    ]
    assert [(h.left, h.right) for h in lane.holdings] == [(0, 4_000), (4_000, c.AXIS)]
    assert [tick.match for tick in lane.ticks] == [True, False]


def test_no_length_of_time_is_negative_where_a_signer_states_a_time_after_the_printing() -> None:
    world = World()
    item = taken_in(world, location="")
    world.publish()
    early = world.now - timedelta(days=3)
    found = examine(Story(world.parts(item)), {item: "A-1"}, early)
    assert kinds(found) == ["No place", "Not read again"]
    assert all("for -" not in str(gap.explanation) for gap in found.gaps)
