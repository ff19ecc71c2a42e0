"""Verification of whole bundles: what must pass, with which remarks, and what is told of it."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from custody.proof import bundle
from custody.proof.bundle import BundleParts, WithheldPart
from custody.proof.findings import FindingCode, Level
from custody.proof.note_keys import NoteSigner
from custody.proof.policy import Policy, format_policy
from custody.proof.prefix_map import Namespace
from custody.proof.records import Role
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.verdict import ErasedEvent, Event, Outcome, Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from custody.proof.verify_log import Scope
from custody.proof.verify_statements import EvidenceFile
from tests.proof.world import ORIGIN, Person, Story, T, World, story, without


@pytest.fixture
def told() -> Story:
    return story()


def codes(verdict: Verdict, level: Level = Level.FAILURE) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is level}


def judge(world: World, parts: BundleParts | None = None) -> Verdict:
    world.publish()
    return verify_bundle(bundle.build(parts or world.parts()), policy=world.policy)


def test_an_honest_item_and_an_honest_case_are_verified(told: Story) -> None:
    world = told.world
    for data in (world.bundle(told.item), world.bundle(told.item, told.second), world.bundle()):
        verdict = verify_bundle(data, policy=world.policy)
        assert verdict.outcome is Outcome.VERIFIED, codes(verdict)
        assert {finding.step for finding in verdict.findings} == set(range(13))


def test_without_a_pinned_policy_the_verdict_has_a_remark(told: Story) -> None:
    verdict = verify_bundle(told.world.bundle())
    assert (verdict.outcome, codes(verdict, Level.REMARK)) == (
        Outcome.WITH_REMARKS,
        {FindingCode.POLICY_NOT_PINNED},
    )


def test_a_policy_without_a_genesis_pin_is_remarked_on(told: Story) -> None:
    policy = Policy(logs=told.world.policy.logs)
    assert FindingCode.POLICY_NOT_PINNED in codes(
        verify_bundle(told.world.bundle(), policy=policy), Level.REMARK
    )


def test_without_a_policy_the_logs_newest_own_policy_counts(told: Story) -> None:
    world = told.world
    world.log_key = SigningKey.generate(Algorithm.ED25519)
    world.signer = NoteSigner(ORIGIN, world.log_key)
    update = world.record(
        T.POLICY_UPDATE, world.admin, extra={"policy": format_policy(Policy(logs=(world.signer.public,)))}
    )
    world.publish()
    assert verify_bundle(world.bundle()).outcome is Outcome.WITH_REMARKS
    older = without(world.parts(), update)
    older = replace(older, maps=tuple(part for part in older.maps if part.ns is not Namespace.POLICY))
    assert codes(verify_bundle(bundle.build(older))) == {
        FindingCode.CHECKPOINT_SIGNATURE,
        FindingCode.MAP_HEAD_SIGNATURE,
        FindingCode.POLICY_HISTORY_MISSING,
    }


@pytest.mark.parametrize("ns", [Namespace.ITEM, Namespace.CASE])
def test_what_is_asked_for_must_be_complete(told: Story, ns: Namespace) -> None:
    world = told.world
    asked = Scope(ns, told.item if ns is Namespace.ITEM else world.case)
    assert verify_bundle(world.bundle(), policy=world.policy, scope=asked).outcome is Outcome.VERIFIED
    other = verify_bundle(world.bundle(told.second), policy=world.policy, scope=asked)
    assert codes(other) == {FindingCode.MAP_PROOF_MISSING}


def test_a_case_is_complete_only_with_all_its_items(told: Story) -> None:
    parts = told.world.parts()
    maps = tuple(part for part in parts.maps if part.id != str(told.second))
    verdict = verify_bundle(bundle.build(replace(parts, maps=maps)), policy=told.world.policy)
    assert codes(verdict) == {FindingCode.MAP_PROOF_MISSING}


def test_a_box_moves_several_items_in_one_record(told: Story) -> None:
    world = told.world
    third = world.intake(exhibit="A-3")
    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second, third)
    accept = world.record(T.TRANSFER_ACCEPT, world.eve, told.second, third, refs=[offer])
    world.record(T.TRANSFER_APPROVE, world.sara, told.second, third, refs=[offer, accept])
    assert judge(world).outcome is Outcome.VERIFIED
    alone = verify_bundle(world.bundle(third), policy=world.policy)
    assert codes(alone, Level.REMARK) == {FindingCode.ITEM_NOT_COVERED}
    asked = verify_bundle(world.bundle(third), policy=world.policy, scope=Scope(Namespace.ITEM, third))
    assert asked.outcome is Outcome.VERIFIED


def test_what_was_signed_before_a_revocation_stays_valid(told: Story) -> None:
    told.world.revoke(told.world.ana)
    assert judge(told.world).outcome is Outcome.VERIFIED


def test_a_person_goes_on_with_a_new_key(told: Story) -> None:
    world = told.world
    world.revoke(world.otto, by=world.otto)
    renewed = replace(world.otto, key=SigningKey.generate(Algorithm.ED25519))
    world.enrol(renewed)
    world.record(T.STORAGE_IN, renewed, told.item)
    assert judge(world).outcome is Outcome.VERIFIED


def test_a_key_that_signed_before_its_registration_is_not_valid(told: Story) -> None:
    world = told.world
    early = Person.make("Early", Role.SUPERVISOR)
    world.record(T.CASE_ASSIGN, early)
    world.enrol(early)
    assert codes(judge(world)) == {FindingCode.KEY_NOT_VALID}


def test_a_registration_without_proof_of_possession_is_refused(told: Story) -> None:
    world = told.world
    lazy = Person.make("Lazy", Role.SUPERVISOR)
    world.record(T.KEY_REGISTER, world.admin, extra={"key": lazy.enrolled().to_json()})
    world.record(T.CASE_ASSIGN, lazy)
    assert codes(judge(world)) == {FindingCode.SIGNER_WRONG}


def test_a_registration_by_somebody_who_may_not_is_refused(told: Story) -> None:
    world = told.world
    friend = Person.make("Friend", Role.SUPERVISOR)
    world.enrol(friend, by=world.sara)
    world.record(T.CASE_ASSIGN, friend)
    assert codes(judge(world)) == {FindingCode.ROLE_NOT_ALLOWED}


def test_suspicion_reaches_records_that_state_an_earlier_time(told: Story) -> None:
    world = told.world
    since = world.now
    world.record(T.CASE_ASSIGN, world.sara)
    backdated = world.record(T.NOTE, world.ana, told.second, time=since - timedelta(minutes=30))
    world.suspect(world.ana, since)
    verdict = judge(world)
    assert verdict.outcome is Outcome.WITH_REMARKS
    marked = {finding.index for finding in verdict.findings if finding.code is FindingCode.KEY_SUSPECT}
    assert marked == {backdated}


def test_a_record_may_be_signed_a_while_after_it_was_made_ready(told: Story) -> None:
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara, time=world.now - timedelta(minutes=20))
    assert judge(world).outcome is Outcome.VERIFIED


def test_of_several_erased_entries_those_that_fit_the_map_are_found(told: Story) -> None:
    world = told.world
    note = world.record(T.NOTE, world.ana, told.second)
    order = world.erase(world.sara, told.accept, note)
    world.publish()
    parts = without(world.parts(), told.accept, note)
    hidden = tuple(
        WithheldPart(index, world.leaf(index), order, world.inclusion(index)) for index in (told.accept, note)
    )
    parts = replace(parts, entries=tuple(sorted((*parts.entries, *hidden), key=lambda part: part.index)))
    verdict = verify_bundle(bundle.build(parts), policy=world.policy)
    assert verdict.outcome is Outcome.WITH_REMARKS, codes(verdict)
    assert [event.index for event in verdict.events if isinstance(event, ErasedEvent)] == [told.accept, note]


def test_an_item_with_erased_entries_must_still_be_linked(told: Story) -> None:
    world = told.world
    world.heads[told.item] = (world.heads[told.item][0], bytes([1]) * 32)
    world.record(T.NOTE, world.otto, told.item)
    order = world.erase(world.sara, told.accept)
    world.publish()
    hidden = WithheldPart(told.accept, world.leaf(told.accept), order, world.inclusion(told.accept))
    parts = without(world.parts(), told.accept)
    parts = replace(parts, entries=tuple(sorted((*parts.entries, hidden), key=lambda part: part.index)))
    assert codes(verify_bundle(bundle.build(parts), policy=world.policy)) == {FindingCode.CHAIN_BROKEN}


def test_a_file_is_recognised_by_the_hash_that_was_signed(told: Story) -> None:
    world = told.world
    data = b"the bytes of the disk image"
    item = world.intake(sha256=hashlib.sha256(data).hexdigest())
    world.publish()
    file = EvidenceFile("disk.img", hashlib.sha256(data).hexdigest())
    verdict = verify_report(world.bundle(item), Question(policy=world.policy, evidence=(file,)))
    assert verdict.outcome is Outcome.VERIFIED
    assert any("disk.img is unchanged" in finding.sentence for finding in verdict.findings)


def test_an_older_and_a_newer_report_of_one_log_agree(told: Story) -> None:
    world = told.world
    early = world.bundle(told.item)
    world.record(T.STORAGE_IN, world.otto, told.item)
    world.publish()
    late = world.bundle(told.item)
    for one, other in ((early, late), (late, early), (late, late)):
        verdict = verify_report(one, Question(policy=world.policy, other=other))
        assert (verdict.outcome, verdict.fork) == (Outcome.VERIFIED, ())


def test_a_report_of_another_log_is_not_compared(told: Story) -> None:
    verdict = verify_report(
        told.world.bundle(), Question(policy=told.world.policy, other=story().world.bundle())
    )
    assert codes(verdict, Level.REMARK) == {FindingCode.OTHER_NOT_USABLE}


def test_a_report_that_does_not_verify_is_not_compared(told: Story) -> None:
    parts = told.world.parts()
    entries = (replace(parts.entries[0], proof=()), *parts.entries[1:])
    data = bundle.build(replace(parts, entries=entries))
    verdict = verify_report(data, Question(policy=told.world.policy, other=told.world.bundle()))
    assert FindingCode.OTHER_NOT_COMPARED in codes(verdict, Level.REMARK)


def test_events_are_told_in_the_order_of_the_log_with_what_is_opened(told: Story) -> None:
    world = told.world
    parts = world.parts(told.item)
    kept = tuple(part for part in parts.openings if part.opening.field != "sha256")
    events = verify_bundle(bundle.build(replace(parts, openings=kept)), policy=world.policy).events
    assert [event.index for event in events] == sorted(event.index for event in events)
    intake = next(event for event in events if isinstance(event, Event) and event.type is T.ITEM_INTAKE)
    assert (intake.person, intake.roles, intake.case) == (world.ana.id, (Role.EXAMINER,), world.case)
    assert {one.field: one.value if one.opened else None for one in intake.statements} == {
        "custodian": "Ana Examiner",
        "exhibit": "A-1",
        "sha256": None,
    }


def test_signers_are_named_if_the_registration_of_their_key_is_opened(told: Story) -> None:
    world = told.world
    named = Person.make("Nora", Role.SUPERVISOR)
    extra = {"key": named.enrolled().to_json()}
    claims = {"holder": {"name": "Nora Novak", "title": "Inspector"}}
    world.record(
        T.KEY_REGISTER, world.admin, extra=extra, claims=claims, signers=(world.admin.key, named.key)
    )
    world.record(T.CASE_ASSIGN, named)
    events = [event for event in judge(world).events if isinstance(event, Event)]
    assert {event.name for event in events} == {"", "Nora Novak"}


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"%PDF-", b"%PDF-1.7\nnothing", b"[" * 10_000, b'{"a":1e999}', b"\x00" * 100]
)
def test_rubbish_is_not_verified_and_raises_nothing(data: bytes) -> None:
    verdict = verify_bundle(data)
    assert verdict.outcome is Outcome.NOT_VERIFIED
    assert all(finding.level is not Level.OK for finding in verdict.findings if finding.step > 0)
