"""A rogue database administrator edits, deletes, reorders, inserts, rolls back, but has no key of the log."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custody.proof import bundle, merkle
from custody.proof.bundle import BundleParts
from custody.proof.findings import FindingCode, Level
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from tests.proof.forging import edited
from tests.proof.world import Story, T, World, story, without


@pytest.fixture
def told() -> Story:
    return story()


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def shown(world: World, told: Story) -> set[FindingCode]:
    """What a reader finds in an honestly made bundle over dishonest rows; the signed head is the old one."""
    return failures(verify_bundle(world.bundle(told.item), policy=told.world.policy))


def test_an_edited_record_is_not_the_one_in_the_log(told: Story) -> None:
    world = told.world
    world.entries[told.approve] = edited(
        world, told.approve, lambda value: value.update(time="2026-03-01T09:00:00Z")
    )
    assert shown(world, told) >= {FindingCode.ENTRY_NOT_INCLUDED, FindingCode.SIGNATURE_INVALID}


def test_an_edited_record_breaks_the_chain_behind_it(told: Story) -> None:
    world = told.world
    world.entries[told.offer] = edited(
        world, told.offer, lambda value: value.update(time="2026-03-01T09:00:00Z")
    )
    assert FindingCode.CHAIN_BROKEN in shown(world, told)


def test_an_edited_statement_is_not_the_signed_one(told: Story) -> None:
    parts = told.world.parts(told.item)
    changed = tuple(
        replace(part, opening=replace(part.opening, value="cd" * 32))
        if part.opening.field == "sha256"
        else part
        for part in parts.openings
    )
    verdict = verify_bundle(bundle.build(replace(parts, openings=changed)), policy=told.world.policy)
    assert failures(verdict) == {FindingCode.OPENING_MISMATCH}


def test_a_statement_cannot_be_moved_to_another_record(told: Story) -> None:
    parts = told.world.parts()
    first, *rest = (part for part in parts.openings if part.opening.field == "sha256")
    moved = replace(first, opening=rest[0].opening)
    verdict = verify_bundle(bundle.build(replace(parts, openings=(moved,))), policy=told.world.policy)
    assert failures(verdict) == {FindingCode.OPENING_MISMATCH}


def test_a_deleted_record_leaves_a_gap(told: Story) -> None:
    world = told.world
    parts = without(world.parts(told.item), told.accept)
    verdict = verify_bundle(bundle.build(parts), policy=world.policy)
    assert failures(verdict) == {FindingCode.ENTRIES_MISSING, FindingCode.CHAIN_BROKEN}


def test_records_cannot_change_places(told: Story) -> None:
    world = told.world
    one, two = told.offer, told.accept
    world.entries[one], world.entries[two] = world.entries[two], world.entries[one]
    assert shown(world, told) >= {FindingCode.ENTRY_NOT_INCLUDED, FindingCode.CHAIN_BROKEN}


def test_entries_cannot_be_renumbered(told: Story) -> None:
    parts = told.world.parts(told.item)
    by_index = {part.index: part for part in parts.entries}
    one, two = by_index[told.offer], by_index[told.accept]
    swapped = {told.offer: replace(two, index=told.offer), told.accept: replace(one, index=told.accept)}
    entries = tuple(swapped.get(part.index, part) for part in parts.entries)
    verdict = verify_bundle(bundle.build(replace(parts, entries=entries)), policy=told.world.policy)
    assert FindingCode.ENTRY_NOT_INCLUDED in failures(verdict)


def test_a_record_cannot_be_shown_twice(told: Story) -> None:
    parts = told.world.parts(told.item)
    entries = tuple(sorted((*parts.entries, parts.entries[-2]), key=lambda part: part.index))
    verdict = verify_bundle(bundle.build(replace(parts, entries=entries)), policy=told.world.policy)
    assert failures(verdict) >= {FindingCode.ENTRY_ORDER, FindingCode.ENTRIES_MISSING}


def test_an_inserted_record_is_under_no_signed_head(told: Story) -> None:
    """The insertion is signed by a real custodian; the head over it cannot be."""
    world = told.world
    old_note = world.note
    world.record(T.NOTE, world.otto, told.item)
    world.publish()
    parts = replace(world.parts(told.item), checkpoint=old_note)
    codes = failures(verify_bundle(bundle.build(parts), policy=world.policy))
    assert FindingCode.ENTRY_NOT_INCLUDED in codes


def test_a_head_cannot_be_made_without_the_logs_key(told: Story) -> None:
    world, thief = told.world, World()
    policy = world.policy
    world.record(T.NOTE, world.otto, told.item)
    world.log_key, world.signer = thief.log_key, thief.signer
    world.publish()
    codes = failures(verify_bundle(world.bundle(told.item), policy=policy))
    assert codes == {FindingCode.CHECKPOINT_SIGNATURE, FindingCode.MAP_HEAD_SIGNATURE}


def test_a_rolled_back_log_contradicts_a_newer_report(told: Story) -> None:
    """An old backup is restored and the log goes on from there, with its own key, as if nothing had been."""
    world = told.world
    before = world.bundle(told.item)
    restored = world.fork(told.accept + 1)
    restored.record(T.TRANSFER_WITHDRAW, restored.ana, told.item, refs=[told.offer])
    restored.publish()
    after = restored.bundle(told.item)
    assert verify_bundle(after, policy=world.policy).outcome is Outcome.VERIFIED, "alone it looks true"
    verdict = verify_report(after, Question(policy=world.policy, other=before))
    assert failures(verdict) == {FindingCode.FORK_PROVEN}
    assert set(verdict.fork) == {world.note, restored.note}


@pytest.mark.parametrize("position", [0, 5, -1])
def test_a_proof_of_one_hash_too_many_or_too_few_is_refused(told: Story, position: int) -> None:
    parts = told.world.parts(told.item)

    def with_proof(change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> BundleParts:
        entries = list(parts.entries)
        entries[position] = replace(entries[position], proof=change(entries[position].proof))
        return replace(parts, entries=tuple(entries))

    for changed in (
        with_proof(lambda proof: proof[:-1]),
        with_proof(lambda proof: (*proof, merkle.EMPTY_ROOT)),
    ):
        verdict = verify_bundle(bundle.build(changed), policy=told.world.policy)
        assert failures(verdict) == {FindingCode.ENTRY_NOT_INCLUDED}
