"""Somebody has the log's own key: history is rewritten and everything signed again. What still notices?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.proof import bundle
from custody.proof.findings import FindingCode, Level
from custody.proof.records import NOTHING_SEEN, Seen
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from tests.proof.world import Story, T, World, story


@pytest.fixture
def told() -> Story:
    return story()


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def rewritten(told: Story) -> World:
    """One entry before the transfer is replaced; later entries keep the bytes that custodians signed."""
    world = told.world
    other = world.fork(len(world.entries))
    index = other.record(T.CASE_OPEN, other.sara, claims={"number": "another"})
    other.entries[told.offer - 4] = other.entries.pop(index)
    other.sign_head()
    return other


def test_custodians_heads_give_a_rewritten_past_away(told: Story) -> None:
    """Each custodian signed the head they saw: those signatures cannot be made again."""
    other = rewritten(told)
    codes = failures(verify_bundle(other.bundle(told.item), policy=told.world.policy))
    assert FindingCode.SEEN_FORK in codes


def test_leaving_the_proof_of_a_head_out_does_not_help(told: Story) -> None:
    other = rewritten(told)
    parts = other.parts(told.item)
    codes = failures(verify_bundle(bundle.build(replace(parts, seen=())), policy=told.world.policy))
    assert FindingCode.SEEN_NOT_PROVEN in codes


def test_the_head_of_another_log_cannot_be_proven_instead(told: Story) -> None:
    other = rewritten(told)
    parts = other.parts(told.item)
    seen = tuple(replace(part, root=bytes(32)) for part in parts.seen)
    codes = failures(verify_bundle(bundle.build(replace(parts, seen=seen)), policy=told.world.policy))
    assert codes >= {FindingCode.SEEN_FORK, FindingCode.SEEN_NOT_PROVEN}


def test_two_reports_prove_a_fork_that_each_alone_does_not_show(told: Story) -> None:
    world = told.world
    left, right = world.fork(told.accept), world.fork(told.accept)
    left.record(T.TRANSFER_ACCEPT, left.otto, told.item, refs=[told.offer])
    right.record(T.TRANSFER_WITHDRAW, right.ana, told.item, refs=[told.offer])
    for one in (left, right):
        one.publish()
        assert verify_bundle(one.bundle(told.item), policy=world.policy).outcome is Outcome.VERIFIED
    question = Question(policy=world.policy, other=right.bundle(told.item))
    verdict = verify_report(left.bundle(told.item), question)
    assert failures(verdict) == {FindingCode.FORK_PROVEN}
    assert verdict.fork == (left.note, right.note)


@pytest.mark.parametrize("more", range(1, 12))
def test_a_fork_is_proven_however_far_it_has_grown(told: Story, more: int) -> None:
    world = told.world
    other = world.fork(told.accept)
    for _ in range(more):
        other.record(T.CASE_ASSIGN, other.sara)
        other.publish()
    question = Question(policy=world.policy, other=other.bundle())
    assert failures(verify_report(world.bundle(), question)) == {FindingCode.FORK_PROVEN}


def test_a_log_begun_again_is_another_log_to_whoever_pinned_its_genesis(told: Story) -> None:
    fresh = World()
    fresh.log_key, fresh.signer = told.world.log_key, told.world.signer
    item = fresh.intake()
    fresh.publish()
    policy = told.world.policy
    assert failures(verify_bundle(fresh.bundle(item), policy=policy)) >= {FindingCode.GENESIS_PIN}
    assert (
        verify_bundle(fresh.bundle(item), policy=replace(policy, genesis=None)).outcome
        is not Outcome.VERIFIED
    )


def test_nobodys_signature_can_be_made_with_the_logs_key(told: Story) -> None:
    world = told.world
    world.record(T.NOTE, world.otto, told.item, signers=(world.log_key,))
    world.publish()
    assert failures(verify_bundle(world.bundle(), policy=world.policy)) >= {FindingCode.SIGNER_WRONG}


def test_a_signature_cannot_be_carried_to_another_record(told: Story) -> None:
    world = told.world
    index = world.record(T.NOTE, world.otto, told.item)
    world.entries[index] = world.resigned(index, by=world.otto.key, over=world.entries[told.accept])
    world.publish()
    assert FindingCode.SIGNATURE_INVALID in failures(verify_bundle(world.bundle(), policy=world.policy))


def test_a_record_of_another_log_cannot_be_replayed(told: Story) -> None:
    """A custodian works for two agencies with one key; what they signed there is entered here."""
    world = told.world
    index = world.record(T.STORAGE_IN, world.otto, told.item, log="elsewhere.test/log")
    world.publish()
    verdict = verify_bundle(world.bundle(told.item), policy=world.policy)
    assert failures(verdict) == {FindingCode.ENTRY_OTHER_LOG}
    assert {finding.index for finding in verdict.findings if finding.level is Level.FAILURE} == {index}


def test_a_record_cannot_be_replayed_in_the_same_log(told: Story) -> None:
    world = told.world
    world.append(world.entries[told.offer])
    world.publish()
    assert FindingCode.CHAIN_BROKEN in failures(verify_bundle(world.bundle(told.item), policy=world.policy))


def test_a_head_from_the_future_cannot_have_been_seen(told: Story) -> None:
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara, seen=Seen(len(world.entries) + 1, bytes(32)))
    world.publish()
    assert FindingCode.SEEN_AHEAD in failures(verify_bundle(world.bundle(), policy=world.policy))


def test_a_back_dated_record_is_remarked_on(told: Story) -> None:
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara, time=world.now - timedelta(days=30), seen=NOTHING_SEEN)
    world.publish()
    verdict = verify_bundle(world.bundle(), policy=world.policy)
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert FindingCode.TIME_BACKWARDS in {finding.code for finding in verdict.findings}
