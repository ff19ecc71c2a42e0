"""Outside time stamps in a bundle: what they prove about each record, and what is said where they do not."""

from datetime import UTC, datetime, timedelta

import pytest

from custody.proof import bundle, der, verdict_json, verdict_text
from custody.proof.bundle import BundleParts
from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode, Level
from custody.proof.policy import Policy, format_policy, parse_policy
from custody.proof.records import Seen
from custody.proof.verdict import Event, Outcome, Verdict
from custody.proof.verify import Question, verify_report
from custody.proof.verify_times import Window
from tests.proof.stamps import Stamped, Stamper, pinning, seq, stamp, stamper, with_stamps
from tests.proof.world import T, World, story

ONE, TWO = stamper("First authority"), stamper("Second authority")


def judge(
    world: World,
    parts: BundleParts,
    *pinned: Stamper,
    at: datetime | None = None,
    policy: Policy | None = None,
) -> Verdict:
    question = Question(policy=policy or pinning(world, *pinned), at=at or world.now)
    return verify_report(bundle.build(parts), question)


def codes(verdict: Verdict, level: Level = Level.FAILURE) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is level}


def window(verdict: Verdict, index: int) -> Window:
    return next(event.window for event in verdict.events if isinstance(event, Event) and event.index == index)


def said(verdict: Verdict, step: int = 10) -> str:
    return " ".join(finding.sentence for finding in verdict.findings if finding.step == step)


class Timed:
    """A story between two stamps: the first is in the log that the signers saw, the second covers them."""

    def __init__(self) -> None:
        told = story()
        self.world = told.world
        self.item = told.item
        self.before = self.world.now
        self.first = stamp(self.world, ONE)
        self.world.publish()
        self.index = self.world.record(T.STORAGE_IN, self.world.otto, told.item)
        self.world.publish()
        self.world.now += timedelta(minutes=30)
        self.after = self.world.now
        self.second = stamp(self.world, TWO)
        self.world.publish()

    def parts(self, *stamps: Stamped) -> BundleParts:
        return with_stamps(self.world, self.world.parts(self.item), *(stamps or (self.first, self.second)))


@pytest.fixture
def timed() -> Timed:
    return Timed()


def test_a_record_lies_between_the_stamp_its_signer_saw_and_the_first_one_over_it(timed: Timed) -> None:
    verdict = judge(timed.world, timed.parts(), ONE, TWO)
    assert verdict.outcome is Outcome.VERIFIED, codes(verdict, Level.REMARK)
    assert window(verdict, timed.index) == Window(timed.before, timed.after)
    assert "First authority, Second authority" in said(verdict)


def test_each_window_is_told_to_people_and_machines(timed: Timed) -> None:
    verdict = judge(timed.world, timed.parts(), ONE, TWO)
    after, before = f"{timed.before:%Y-%m-%dT%H:%M:%SZ}", f"{timed.after:%Y-%m-%dT%H:%M:%SZ}"
    text = "\n".join(verdict_text.lines(verdict, "report.pdf"))
    assert f"outside time stamps: made not before {after} and not after {before}" in text
    told = verdict_json.dumps(verdict, "report.pdf").replace("\n", "").replace(" ", "")
    assert f'"window":{{"not_before":"{after}","not_after":"{before}"}}' in told


def test_a_stamp_over_a_head_that_was_seen_before_it_was_stamped_bounds_nothing_from_below() -> None:
    """The head existed, the stamp did not yet: only a stamp in the log below the seen head is a bound."""
    told = story()
    world = told.world
    index = world.record(T.STORAGE_IN, world.otto, told.item)  # its signer saw the head that is stamped later
    world.now += timedelta(hours=8)
    late = stamp(world, ONE)
    world.publish()
    verdict = judge(world, with_stamps(world, world.parts(told.item), late), ONE)
    assert verdict.outcome is Outcome.VERIFIED
    assert window(verdict, index) == Window(None, None)


def test_records_newer_than_the_last_stamp_have_an_open_window(timed: Timed) -> None:
    newest = timed.world.record(T.STORAGE_OUT, timed.world.otto, timed.item)
    timed.world.publish()
    verdict = judge(timed.world, timed.parts(), ONE, TWO)
    assert verdict.outcome is Outcome.VERIFIED
    assert window(verdict, newest) == Window(timed.after, None)


def test_without_stamps_it_is_said_that_there_are_none(timed: Timed) -> None:
    verdict = judge(timed.world, timed.world.parts(timed.item), ONE)
    assert verdict.outcome is Outcome.VERIFIED
    assert FindingCode.NO_TIME_STAMP in codes(verdict, Level.OK)
    assert window(verdict, timed.index) == Window()


def test_stamps_of_authorities_that_are_not_pinned_are_not_counted(timed: Timed) -> None:
    verdict = judge(timed.world, timed.parts(), TWO)
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_NOT_PINNED}
    assert window(verdict, timed.index) == Window(None, timed.after)


def test_two_authorities_over_one_head_bound_it_each_alone(timed: Timed) -> None:
    world = timed.world
    later = world.now + timedelta(minutes=5)
    one, two = stamp(world, ONE, later), stamp(world, TWO, later - timedelta(minutes=2))
    assert one.head == two.head
    world.publish()
    parts = timed.parts(timed.first, one, two)
    for pinned, bound in [((ONE,), later), ((TWO,), later - timedelta(minutes=2))]:
        assert window(judge(world, parts, *pinned), timed.index).not_after == bound
    both = judge(world, parts, ONE, TWO)
    assert both.outcome is Outcome.VERIFIED
    assert window(both, timed.index).not_after == later - timedelta(minutes=2)


def test_the_logs_own_policy_can_name_the_authorities(timed: Timed) -> None:
    policy = parse_policy(format_policy(pinning(timed.world, ONE, TWO)))
    assert policy.stampers == (ONE.pin, TWO.pin)
    assert judge(timed.world, timed.parts(), policy=policy).outcome is Outcome.VERIFIED
    with pytest.raises(MalformedError, match="pin of a policy"):
        parse_policy(format_policy(timed.world.policy) + f"#pin tsa {ONE.pin.upper()}\n")


def test_an_accuracy_widens_the_window() -> None:
    told = story()
    vague = ONE.but(accuracy=seq(der.write_integer(90)))
    anchor = stamp(told.world, vague)
    told.world.publish()
    verdict = judge(told.world, with_stamps(told.world, told.world.parts(told.item), anchor), vague)
    time = told.world.now - timedelta(minutes=1)
    assert window(verdict, told.accept).not_after == time + timedelta(seconds=90)


def test_while_the_certificate_is_valid_no_renewal_is_needed(timed: Timed) -> None:
    at = datetime(2035, 12, 1, tzinfo=UTC)
    assert judge(timed.world, timed.parts(), ONE, TWO, at=at).outcome is Outcome.VERIFIED


def test_too_many_stamps_are_refused_before_any_is_checked(
    timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bundle.build(timed.parts())
    monkeypatch.setattr(bundle, "MAX_ANCHORS", 1)
    verdict = verify_report(data, Question(policy=timed.world.policy))
    assert codes(verdict) == {FindingCode.BUNDLE_MALFORMED}


def test_what_a_signer_saw_is_part_of_the_bound(timed: Timed) -> None:
    """A signer who had seen nothing newer than the beginning is bounded by no stamp from below."""
    world = timed.world
    index = world.record(
        T.NOTE, world.otto, timed.item, seen=Seen(world.published[0].size, world.published[0].root)
    )
    world.publish()
    assert window(judge(world, timed.parts(), ONE, TWO), index) == Window()
