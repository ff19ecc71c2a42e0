"""Somebody makes a head look witnessed that was not: by few, by the same, by old cosignatures, by the log itself."""

from dataclasses import replace

import pytest

from custody.proof import bundle
from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode, Level
from custody.proof.note_keys import Cosigner, NoteSigner, add_signatures, sign_note
from custody.proof.policy import Policy, format_policy, parse_policy
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from tests.proof.published import MORNING, asking_for, cosigner
from tests.proof.world import ORIGIN, Story, T, World, story

COURT, BAR, MINISTRY = (cosigner(f"{name}.test/witness") for name in ("court", "bar", "ministry"))


@pytest.fixture
def told() -> Story:
    return story()


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def judged(world: World, policy: Policy, note: str) -> Verdict:
    return verify_bundle(bundle.build(replace(world.parts(), checkpoint=note)), policy=policy)


def cosigned(world: World, *cosigners: Cosigner, note: str = "") -> str:
    text = world.checkpoint.text()
    return add_signatures(note or world.note, [one.signature(text, MORNING) for one in cosigners])


def test_enough_witnesses_are_named_with_their_times(told: Story) -> None:
    policy = asking_for(told.world, COURT, BAR, MINISTRY, quorum="2")
    verdict = judged(told.world, policy, cosigned(told.world, COURT, MINISTRY))
    assert verdict.outcome is Outcome.VERIFIED
    said = " ".join(finding.sentence for finding in verdict.findings)
    assert "court.test/witness) has cosigned this head at 2026-03-02T09:00:00Z" in said
    assert "bar.test" not in said


def test_one_witness_too_few(told: Story) -> None:
    policy = asking_for(told.world, COURT, BAR, MINISTRY, quorum="2")
    assert failures(judged(told.world, policy, cosigned(told.world, COURT))) == {FindingCode.WITNESS_QUORUM}
    assert failures(judged(told.world, policy, told.world.note)) == {FindingCode.WITNESS_QUORUM}


def test_a_witness_counts_once_however_often_it_is_shown(told: Story) -> None:
    policy = asking_for(told.world, COURT, BAR, MINISTRY, quorum="2")
    twice = cosigned(told.world, COURT, COURT, COURT)
    assert failures(judged(told.world, policy, twice)) == {FindingCode.WITNESS_QUORUM}


def test_a_policy_that_would_count_a_witness_twice_is_none(told: Story) -> None:
    renamed = Cosigner("bar.test/witness", COURT._key)
    with pytest.raises(MalformedError, match="twice"):
        format_policy(asking_for(told.world, COURT, renamed))


def test_a_witness_whose_key_is_the_logs_is_none(told: Story) -> None:
    itself = Cosigner("court.test/witness", told.world.log_key)
    with pytest.raises(MalformedError, match="twice"):
        format_policy(asking_for(told.world, itself))


def test_the_logs_own_post_quantum_key_is_not_told_as_a_witness(told: Story) -> None:
    """It may be in the quorum, but nobody is told that somebody else had looked."""
    own = cosigner(ORIGIN, Algorithm.ML_DSA_44)
    policy = asking_for(told.world, own)
    verdict = judged(told.world, policy, cosigned(told.world, own))
    assert verdict.outcome is Outcome.VERIFIED
    assert FindingCode.NO_WITNESS in {finding.code for finding in verdict.findings}
    assert "witness log" not in " ".join(finding.sentence for finding in verdict.findings)


def test_the_cosignature_of_another_head_is_none(told: Story) -> None:
    world = told.world
    old = world.checkpoint.text()
    world.record(T.CASE_ASSIGN, world.sara)
    world.publish()
    for one in (COURT, cosigner("court.test/witness", Algorithm.ML_DSA_44)):
        replayed = add_signatures(world.note, [one.signature(old, MORNING)])
        assert failures(judged(world, asking_for(world, one), replayed)) == {FindingCode.WITNESS_SIGNATURE}


def test_the_cosignature_of_another_log_is_none(told: Story) -> None:
    """Same size, same root, another name of the log."""
    elsewhere = replace(told.world.checkpoint, origin="elsewhere.test/log").text()
    for one in (COURT, cosigner("court.test/witness", Algorithm.ML_DSA_44)):
        moved = add_signatures(told.world.note, [one.signature(elsewhere, MORNING)])
        codes = failures(judged(told.world, asking_for(told.world, one), moved))
        assert codes == {FindingCode.WITNESS_SIGNATURE}


def test_an_older_report_with_its_old_cosignature_stays_true_but_says_how_old_it_is(told: Story) -> None:
    """A rollback shown to somebody who holds nothing newer: the witness's time is the only thing to notice."""
    world = told.world
    note, parts = cosigned(world, COURT), world.parts()
    world.record(T.CASE_ASSIGN, world.sara)
    world.publish()
    data = bundle.build(replace(parts, checkpoint=note))
    verdict = verify_bundle(data, policy=asking_for(world, COURT))
    assert verdict.outcome is Outcome.VERIFIED
    assert any("at 2026-03-02T09:00:00Z" in finding.sentence for finding in verdict.findings)


def test_whoever_stole_the_logs_key_cannot_make_a_head_that_is_witnessed(told: Story) -> None:
    world = told.world
    policy = asking_for(world, COURT, BAR)
    genuine = cosigned(world, COURT, BAR)
    forged = world.fork(told.accept)
    forged.record(T.TRANSFER_REFUSE, forged.otto, told.item, refs=[told.offer])
    forged.publish()
    assert judged(world, policy, genuine).outcome is Outcome.VERIFIED
    codes = failures(verify_bundle(forged.bundle(), policy=policy))
    assert codes == {FindingCode.WITNESS_QUORUM}
    carried = forged.note + genuine.removeprefix(world.note)
    assert failures(judged(forged, policy, carried)) == {FindingCode.WITNESS_SIGNATURE}


def test_a_forged_head_that_no_witness_signed_still_proves_the_fork(told: Story) -> None:
    world = told.world
    policy = asking_for(world, COURT)
    forged = world.fork(told.accept)
    forged.record(T.TRANSFER_REFUSE, forged.otto, told.item, refs=[told.offer])
    forged.publish()
    genuine = bundle.build(replace(world.parts(told.item), checkpoint=cosigned(world, COURT)))
    verdict = verify_report(genuine, Question(policy=policy, other=forged.bundle(told.item)))
    assert failures(verdict) == {FindingCode.FORK_PROVEN}


def test_witnesses_alone_make_no_head(told: Story) -> None:
    thief = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
    note = cosigned(told.world, COURT, note=sign_note(told.world.checkpoint.text(), [thief]))
    codes = failures(judged(told.world, asking_for(told.world, COURT), note))
    assert codes == {FindingCode.CHECKPOINT_SIGNATURE}


def test_the_logs_own_word_about_its_witnesses_is_not_a_pinned_policy(told: Story) -> None:
    """Without a policy of one's own, whatever the log says of its witnesses is only repeated."""
    world = told.world
    lax = format_policy(replace(world.policy, genesis=None))
    world.record(T.POLICY_UPDATE, world.admin, extra={"policy": lax})
    world.publish()
    assert parse_policy(lax).quorum == "none"
    pinned = asking_for(world, COURT)
    assert failures(verify_bundle(world.bundle(), policy=pinned)) == {FindingCode.WITNESS_QUORUM}
    assert verify_bundle(world.bundle()).outcome is not Outcome.VERIFIED
