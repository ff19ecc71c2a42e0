"""Promises: as many administrators enrol a key as the log states; persons count, not keys; nothing of it is hidden."""

from dataclasses import replace

import pytest

from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode
from custody.proof.policy import Policy, format_policy, parse_policy
from custody.proof.records import Role
from custody.proof.stated_policy import MAX_ENROLLERS, StatedPolicies, read_stated
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.proof.world import Person, Story, T, story


@pytest.fixture
def told() -> Story:
    return story()


def _found(told: Story) -> set[FindingCode]:
    told.world.publish()
    verdict = verify_bundle(told.world.bundle(), policy=told.world.policy)
    if verdict.outcome is Outcome.VERIFIED:
        return set()
    return {finding.code for finding in verdict.findings if finding.level == "failure"}


def _acts(told: Story, person: Person) -> None:
    told.world.record(T.NOTE, person, told.item)


def _same_person(person: Person, name: str = "another key") -> Person:
    return replace(Person.make(name, *person.roles), id=person.id)


def test_two_administrators_enrol_where_two_are_demanded(told: Story) -> None:
    world = told.world
    second = Person.make("Second Administrator", Role.ADMINISTRATOR)
    world.enrol(second)
    world.demand(2)
    new = Person.make("New Examiner", Role.EXAMINER)
    world.enrol(new, world.admin, second)
    _acts(told, new)
    assert _found(told) == set()


def test_a_third_administrator_may_sign_too(told: Story) -> None:
    world = told.world
    others = [Person.make(f"Administrator {number}", Role.ADMINISTRATOR) for number in range(2)]
    for other in others:
        world.enrol(other)
    world.demand(2)
    new = Person.make("New Examiner", Role.EXAMINER)
    world.enrol(new, world.admin, *others)
    _acts(told, new)
    assert _found(told) == set()


def test_what_was_enrolled_before_more_were_demanded_stays_enrolled(told: Story) -> None:
    world = told.world
    world.enrol(Person.make("Second Administrator", Role.ADMINISTRATOR))
    world.demand(2)
    _acts(told, world.ana)
    assert _found(told) == set()


def test_two_may_go_back_to_one(told: Story) -> None:
    world = told.world
    second = Person.make("Second Administrator", Role.ADMINISTRATOR)
    world.enrol(second)
    world.demand(2)
    world.demand(1, second)
    new = Person.make("New Examiner", Role.EXAMINER)
    world.enrol(new)
    _acts(told, new)
    assert _found(told) == set()


def test_the_holders_old_key_confirms_the_new_one(told: Story) -> None:
    world = told.world
    new = _same_person(world.ana)
    world.enrol(new, world.admin, world.ana)
    _acts(told, new)
    assert _found(told) == set()


def test_the_old_key_of_the_holder_is_no_administrators_signature(told: Story) -> None:
    world = told.world
    world.enrol(Person.make("Second Administrator", Role.ADMINISTRATOR))
    world.demand(2)
    new = _same_person(world.ana)
    world.enrol(new, world.admin, world.ana)
    _acts(told, new)
    assert _found(told) == {FindingCode.SIGNER_WRONG}


def test_a_new_administrator_is_not_one_of_those_who_enrol_the_new_key(told: Story) -> None:
    world = told.world
    world.enrol(Person.make("Second Administrator", Role.ADMINISTRATOR))
    world.demand(2)
    third = Person.make("Third Administrator", Role.ADMINISTRATOR)
    world.enrol(third)
    _acts(told, third)
    assert _found(told) == {FindingCode.SIGNER_WRONG}


def test_a_policy_that_cannot_be_read_lets_nobody_enrol_alone(told: Story) -> None:
    world = told.world
    second = Person.make("Second Administrator", Role.ADMINISTRATOR)
    world.enrol(second)
    world.demand(2)
    signers = (world.admin.key, second.key)
    world.record(T.POLICY_UPDATE, world.admin, extra={"policy": "#pin enrolment many\n"}, signers=signers)
    new = Person.make("New Examiner", Role.EXAMINER)
    world.enrol(new)
    _acts(told, new)
    assert _found(told) == {FindingCode.SIGNER_WRONG}


def test_in_a_log_that_was_silent_at_first_one_enrols_for_ever(told: Story) -> None:
    """Where it is not demanded that the policies are shown, none of them may make a difference."""
    genesis, update = (told.world.read(index) for index in (0, told.world.demand(3)))
    assert genesis is not None and update is not None
    silent = format_policy(Policy(told.world.policy.logs))
    policies = StatedPolicies()
    policies.at(replace(genesis, extra={**genesis.extra, "policy": silent}))
    policies.at(update)
    assert policies.at(update).enrollers == 0


@pytest.mark.parametrize("value", ["0", "7", "10", "01", "two", "-1", "", "1 2"])
def test_a_number_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(MalformedError):
        read_stated(f"#pin enrolment {value}\n")


def test_it_is_said_once() -> None:
    with pytest.raises(MalformedError, match="twice"):
        read_stated("#pin enrolment 1\n#pin enrolment 2\n")


@pytest.mark.parametrize("number", range(MAX_ENROLLERS + 1))
def test_a_policy_with_it_is_written_and_read_alike(told: Story, number: int) -> None:
    policy = Policy(told.world.policy.logs, enrollers=number)
    assert parse_policy(format_policy(policy)) == policy
    assert read_stated(format_policy(policy)).enrollers == number
