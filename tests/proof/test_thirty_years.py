"""The thirty-year drill: it is 2056, every certificate of 2026 has expired, and classical keys are worth nothing.

What is left is the hash tree, stamps that were renewed in time, and the log's post-quantum signature.
"""

from dataclasses import replace
from datetime import UTC, datetime

from custody.proof import bundle
from custody.proof.bundle import BundleParts
from custody.proof.findings import FindingCode, Level
from custody.proof.note_keys import Cosigner, add_signatures
from custody.proof.policy import Policy, Witness
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_report
from custody.proof.verify_times import Window
from tests.proof.stamps import Stamped, pinning, stamp, stamper
from tests.proof.test_anchors import ONE, TWO, Timed, codes, judge, window
from tests.proof.world import ORIGIN, T, World

DAY = datetime(2056, 3, 2, tzinfo=UTC)
POST_QUANTUM = Cosigner(ORIGIN, SigningKey.generate(Algorithm.ML_DSA_44))


class ThirtyYears:
    """A log that lives on: a story of 2026, and a renewal every nine years by the authority of the time."""

    def __init__(self) -> None:
        self.timed = Timed()
        world = self.timed.world
        self.authorities = [ONE, TWO]
        self.renewals: list[Stamped] = []
        for decade in (2035, 2044, 2053):
            world.now = datetime(decade, 6, 1, tzinfo=UTC)
            by = stamper(f"Authority of {decade}", begin=datetime(decade, 1, 1, tzinfo=UTC))
            self.authorities.append(by)
            self.renewals.append(stamp(world, by))
            world.publish()

    def judge(self, *stamps: Stamped, at: datetime) -> Verdict:
        parts = self.timed.parts(self.timed.first, self.timed.second, *stamps)
        return judge(self.timed.world, parts, *self.authorities, at=at)


def test_thirty_years_later_renewed_stamps_still_prove_when() -> None:
    told = ThirtyYears()
    verdict = told.judge(*told.renewals, at=datetime(2056, 3, 2, tzinfo=UTC))
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_RENEWED}
    assert window(verdict, told.timed.index) == Window(told.timed.before, told.timed.after)


def test_a_report_that_nobody_renewed_verifies_with_the_remark_that_its_times_are_not_counted() -> None:
    told = ThirtyYears()
    verdict = told.judge(at=datetime(2056, 3, 2, tzinfo=UTC))
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_EXPIRED}
    assert window(verdict, told.timed.index) == Window()


def test_when_the_last_renewal_has_expired_too_nothing_rests_on_it() -> None:
    told = ThirtyYears()
    verdict = told.judge(*told.renewals, at=datetime(2070, 1, 1, tzinfo=UTC))
    assert (verdict.outcome, codes(verdict, Level.REMARK)) == (
        Outcome.WITH_REMARKS,
        {FindingCode.ANCHOR_EXPIRED},
    )
    assert window(verdict, told.timed.index) == Window()


def test_a_missing_renewal_breaks_the_line() -> None:
    told = ThirtyYears()
    verdict = told.judge(told.renewals[0], told.renewals[2], at=datetime(2056, 3, 2, tzinfo=UTC))
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_EXPIRED}
    assert window(verdict, told.timed.index) == Window(None, datetime(2053, 6, 1, tzinfo=UTC))


def test_a_renewal_after_the_certificate_expired_is_too_late() -> None:
    timed = Timed()
    timed.world.now = datetime(2040, 1, 1, tzinfo=UTC)
    late = stamper("Authority of 2040", begin=datetime(2039, 1, 1, tzinfo=UTC))
    renewal = stamp(timed.world, late)
    timed.world.publish()
    verdict = judge(timed.world, timed.parts(timed.first, timed.second, renewal), ONE, TWO, late)
    assert FindingCode.ANCHOR_EXPIRED in codes(verdict, Level.REMARK)
    assert window(verdict, timed.index).not_after == datetime(2040, 1, 1, tzinfo=UTC)


def test_a_stamp_that_is_not_shown_to_be_in_the_log_cannot_be_renewed() -> None:
    told = ThirtyYears()
    parts = told.timed.parts(told.timed.second, *told.renewals)
    entries = tuple(part for part in parts.entries if part.index != told.timed.second.index)
    verdict = judge(
        told.timed.world,
        replace(parts, entries=entries),
        *told.authorities,
        at=datetime(2056, 3, 2, tzinfo=UTC),
    )
    assert FindingCode.ANCHOR_EXPIRED in codes(verdict, Level.REMARK)


# -- the drill itself ------------------------------------------------------------------------------------------


def demanding(policy: Policy) -> Policy:
    """Have a head count only with the log's post-quantum signature."""
    return replace(policy, witnesses=(Witness("log-ml-dsa-44", POST_QUANTUM.public),), quorum="log-ml-dsa-44")


def signed(world: World, parts: BundleParts) -> BundleParts:
    signature = POST_QUANTUM.signature(world.checkpoint.text(), int(world.now.timestamp()))
    return replace(parts, checkpoint=add_signatures(world.note, [signature]))


def drill(told: ThirtyYears, parts: BundleParts) -> Verdict:
    policy = demanding(pinning(told.timed.world, *told.authorities))
    return verify_report(bundle.build(parts), Question(policy=policy, at=DAY))


def test_in_2056_the_report_verifies_with_remarks_only_and_still_proves_when() -> None:
    told = ThirtyYears()
    world = told.timed.world
    parts = told.timed.parts(told.timed.first, told.timed.second, *told.renewals)
    verdict = drill(told, signed(world, parts))
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_RENEWED}
    assert window(verdict, told.timed.index) == Window(told.timed.before, told.timed.after)
    assert "post-quantum" in " ".join(finding.sentence for finding in verdict.findings)


def test_in_2056_whoever_has_broken_every_classical_key_cannot_sign_another_head() -> None:
    """The attacker signs as the log and as everybody in it, but lacks the post-quantum key."""
    told = ThirtyYears()
    world = told.timed.world
    forged = world.fork(told.timed.index)
    forged.record(T.STORAGE_OUT, forged.otto, told.timed.item)
    forged.publish()
    data = bundle.build(forged.parts(told.timed.item))
    policy = demanding(pinning(world, *told.authorities))
    verdict = verify_report(data, Question(policy=policy, at=DAY))
    assert FindingCode.WITNESS_QUORUM in codes(verdict)
    borrowed = signed(world, forged.parts(told.timed.item))
    lines = [line for line in borrowed.checkpoint.split("\n\n")[1].split("\n") if line]
    note = forged.note + lines[-1] + "\n"
    verdict = verify_report(bundle.build(replace(borrowed, checkpoint=note)), Question(policy=policy, at=DAY))
    assert verdict.outcome is Outcome.NOT_VERIFIED


def test_in_2056_a_forged_stamp_of_2026_is_not_counted_because_nothing_renewed_it() -> None:
    """The key of an authority of 2026 is out: its stamps can be made at will, but not put under later ones."""
    told = ThirtyYears()
    world = told.timed.world
    late = world.record(T.NOTE, world.otto, told.timed.item, time=datetime(2026, 3, 2, 12, tzinfo=UTC))
    world.publish()
    back_dated = stamp(world, ONE, datetime(2026, 3, 2, 13, tzinfo=UTC))
    world.publish()
    parts = told.timed.parts(told.timed.first, told.timed.second, *told.renewals, back_dated)
    verdict = drill(told, signed(world, parts))
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert window(verdict, late).not_after is None
    assert {FindingCode.ANCHOR_EXPIRED, FindingCode.TIME_BACKWARDS} <= codes(verdict, Level.REMARK)
