"""A thief has a custodian's key, an officer enrols keys nobody asked for, or two people play together."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custody.proof import bundle
from custody.proof.canonical import JSON
from custody.proof.findings import FindingCode, Level
from custody.proof.records import Role
from custody.proof.signatures import SigningKey
from custody.proof.verify import verify_bundle
from tests.proof.world import Person, Story, T, World, story


@pytest.fixture
def told() -> Story:
    return story()


def failures(world: World) -> set[FindingCode]:
    world.publish()
    verdict = verify_bundle(world.bundle(), policy=world.policy)
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def test_after_the_revocation_a_stolen_key_signs_nothing(told: Story) -> None:
    world = told.world
    world.revoke(world.ana)
    world.record(T.TRANSFER_OFFER, world.ana, told.second)
    assert failures(world) == {FindingCode.KEY_NOT_VALID}


def test_a_thief_cannot_state_a_time_before_the_revocation(told: Story) -> None:
    world = told.world
    stolen_at = world.now
    world.revoke(world.ana)
    world.record(T.TRANSFER_OFFER, world.ana, told.second, time=stolen_at)
    assert failures(world) == {FindingCode.KEY_NOT_VALID}


def test_a_revoked_key_is_not_enrolled_again(told: Story) -> None:
    world = told.world
    world.revoke(world.ana)
    world.enrol(world.ana)
    assert FindingCode.KEY_EVENT_INVALID in failures(world)


def test_a_thief_does_not_revoke_the_keys_of_others(told: Story) -> None:
    world = told.world
    world.revoke(world.sara, by=world.ana)
    assert failures(world) == {FindingCode.KEY_EVENT_INVALID}


def test_a_thief_does_not_raise_their_own_roles(told: Story) -> None:
    world = told.world
    promoted = replace(world.ana, key=SigningKey.generate(), roles=frozenset({Role.SUPERVISOR}))
    world.enrol(promoted, by=world.ana)
    world.record(T.CASE_ASSIGN, promoted)
    assert failures(world) == {FindingCode.ROLE_NOT_ALLOWED}


def test_an_officer_cannot_enrol_a_key_whose_holder_does_not_take_part(told: Story) -> None:
    """A key in somebody's name needs a signature of that key; without it nobody is shown to hold it."""
    world = told.world
    framed = Person.make("Framed", Role.EXAMINER)
    world.record(
        T.KEY_REGISTER, world.admin, extra={"key": framed.enrolled().to_json()}, signers=(world.admin.key,)
    )
    assert failures(world) == set(), "a key that signed nothing is in no bundle"
    world.record(T.NOTE, framed, told.item)
    assert failures(world) == {FindingCode.SIGNER_WRONG}


def test_a_second_genesis_brings_in_no_keys(told: Story) -> None:
    world = told.world
    thief = Person.make("Thief", Role.ADMINISTRATOR)
    extra: dict[str, JSON] = {"roots": [thief.enrolled().to_json()], "policy": "quorum none\n"}
    index = world.record(T.GENESIS, thief, extra=extra)
    world.sign_head()
    parts = story().world.parts()
    with_it = replace(parts, entries=(*parts.entries, world.entry_part(index)))
    verdict = verify_bundle(bundle.build(with_it), policy=world.policy)
    assert {finding.code for finding in verdict.findings if finding.level is Level.FAILURE} == {
        FindingCode.ENTRY_MALFORMED
    }


ACTS: list[tuple[str, Callable[[World, Story], object]]] = [
    ("an examiner opens a case", lambda w, s: w.record(T.CASE_OPEN, w.ana)),
    ("an officer releases a hold", lambda w, s: w.record(T.HOLD_RELEASE, w.otto, s.item)),
    ("an administrator takes evidence in", lambda w, s: w.intake(w.admin)),
    ("a machine approves a disclosure", lambda w, s: w.record(T.DISCLOSURE_GRANT, w.service)),
    ("a supervisor writes a fixity check", lambda w, s: w.record(T.FIXITY_CHECK, w.sara, s.item)),
    ("an examiner orders an erasure", lambda w, s: w.erase(w.ana, 1)),
]


@pytest.mark.parametrize(("name", "act"), ACTS, ids=[name for name, _ in ACTS])
def test_nobody_acts_outside_their_role(
    told: Story, name: str, act: Callable[[World, Story], object]
) -> None:
    act(told.world, told)
    assert FindingCode.ROLE_NOT_ALLOWED in failures(told.world)


RULES: list[tuple[str, Callable[[World, Story], object]]] = [
    ("the giver accepts", lambda w, s: offered(w, s, w.ana)),
    ("the giver, also supervisor, approves", lambda w, s: approved(w, s, both(w, w.ana))),
    ("the taker, also supervisor, approves", lambda w, s: approved(w, s, both(w, w.eve))),
    ("who does not hold the item offers it", lambda w, s: w.record(T.TRANSFER_OFFER, w.eve, s.second)),
    (
        "custody moves without an offer",
        lambda w, s: w.record(T.TRANSFER_APPROVE, w.sara, s.second, refs=[8, 9]),
    ),
    ("the former custodian gives it away again", lambda w, s: w.record(T.TRANSFER_OFFER, w.ana, s.item)),
    ("a redactor releases their own copy", lambda w, s: released(w, s, both(w, w.ana))),
    ("an item is taken in twice", lambda w, s: w.record(T.ITEM_INTAKE, w.eve, s.second)),
]


def both(world: World, person: Person) -> Person:
    """Enrol a second key for the same person, as supervisor."""
    second = replace(person, key=SigningKey.generate(), roles=frozenset({Role.SUPERVISOR}))
    world.enrol(second)
    return second


def offered(world: World, told: Story, taker: Person) -> tuple[int, int]:
    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second)
    return offer, world.record(T.TRANSFER_ACCEPT, taker, told.second, refs=[offer])


def approved(world: World, told: Story, by: Person) -> int:
    return world.record(T.TRANSFER_APPROVE, by, told.second, refs=offered(world, told, world.eve))


def released(world: World, told: Story, by: Person) -> int:
    plan = world.record(T.REDACTION_PLAN, world.ana, told.second)
    made = world.record(T.DERIVATIVE_MAKE, world.service, told.second, refs=[plan])
    return world.record(T.REDACTION_RELEASE, by, told.second, refs=[made])


@pytest.mark.parametrize(("name", "act"), RULES, ids=[name for name, _ in RULES])
def test_two_person_rules_follow_the_person_and_not_the_key(
    told: Story, name: str, act: Callable[[World, Story], object]
) -> None:
    act(told.world, told)
    assert failures(told.world) == {FindingCode.CHAIN_RULE}
