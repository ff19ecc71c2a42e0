"""Somebody forges time: false stamps, swapped stamps, records dated before or after they were made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from custody.proof import bundle
from custody.proof.bundle import BundleParts
from custody.proof.digests import b64
from custody.proof.findings import FindingCode, Level
from custody.proof.verdict import Event, Outcome, Verdict
from custody.proof.verify import Question, verify_report
from custody.proof.verify_times import Window
from tests.proof.sealed import p256
from tests.proof.stamps import Stamped, Stamper, pinning, stamp, stamper, with_stamps
from tests.proof.world import Story, T, World, story

AUTHORITY = stamper("Authority")


@pytest.fixture
def told() -> Story:
    return story()


def judge(world: World, parts: BundleParts, *pinned: Stamper) -> Verdict:
    question = Question(policy=pinning(world, *(pinned or (AUTHORITY,))), at=world.now)
    return verify_report(bundle.build(parts), question)


def codes(verdict: Verdict, level: Level = Level.FAILURE) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is level}


def window(verdict: Verdict, index: int) -> Window:
    return next(event.window for event in verdict.events if isinstance(event, Event) and event.index == index)


def stamped(
    told: Story, by: Stamper = AUTHORITY, time: datetime | None = None
) -> tuple[BundleParts, Stamped]:
    made = stamp(told.world, by, time)
    told.world.publish()
    return with_stamps(told.world, told.world.parts(told.item), made), made


def test_a_stamp_signed_with_another_key_under_the_pinned_certificate(told: Story) -> None:
    forged = Stamper(p256(), AUTHORITY.certificate)
    parts, _ = stamped(told, forged)
    assert codes(judge(told.world, parts)) == {FindingCode.ANCHOR_INVALID}


def test_an_attackers_authority_with_the_same_name_embedded_in_its_token(told: Story) -> None:
    thief = stamper("Authority")
    parts, _ = stamped(told, thief.but(others=[AUTHORITY.certificate]), told.world.now - timedelta(days=30))
    verdict = judge(told.world, parts)
    assert codes(verdict, Level.REMARK) == {FindingCode.ANCHOR_NOT_PINNED}
    assert all(event.window == Window() for event in verdict.events if isinstance(event, Event))


def test_a_stamp_of_another_head_of_the_same_log(told: Story) -> None:
    parts, made = stamped(told)
    later, _ = stamped(told)
    (anchor,) = later.anchors
    swapped = replace(later, anchors=(replace(anchor, token=made.token),))
    assert codes(judge(told.world, swapped)) == {FindingCode.ANCHOR_INVALID}
    assert codes(judge(told.world, parts)) == set()


def test_two_stamps_whose_tokens_were_exchanged(told: Story) -> None:
    first = stamp(told.world, AUTHORITY)
    told.world.publish()
    second = stamp(told.world, AUTHORITY)
    told.world.publish()
    parts = with_stamps(told.world, told.world.parts(told.item), first, second)
    one, two = parts.anchors
    swapped = (replace(one, token=two.token), replace(two, token=one.token))
    assert codes(judge(told.world, replace(parts, anchors=swapped))) == {FindingCode.ANCHOR_INVALID}


def test_a_certificate_for_something_else_makes_no_time_stamp(told: Story) -> None:
    server = stamper("Web server", usages=[ExtendedKeyUsageOID.SERVER_AUTH])
    parts, _ = stamped(told, server)
    assert codes(judge(told.world, parts, server)) == {FindingCode.ANCHOR_INVALID}


def test_a_certificate_that_had_expired_at_the_time_of_the_stamp(told: Story) -> None:
    expired = stamper("Expired", begin=datetime(2020, 1, 1, tzinfo=UTC), years=5)
    parts, _ = stamped(told, expired)
    assert codes(judge(told.world, parts, expired)) == {FindingCode.ANCHOR_INVALID}


def test_a_fork_is_given_away_by_the_stamp_over_the_true_log(told: Story) -> None:
    """The log is rewritten with all keys of the log, but the authority was shown the true one."""
    true = stamp(told.world, AUTHORITY)
    forked = told.world.fork(told.accept)
    forked.record(T.TRANSFER_REFUSE, forked.otto, told.item, refs=[told.offer])
    while len(forked.entries) < true.head.size:
        forked.record(T.CASE_ASSIGN, forked.sara)
    forked.publish()
    parts = with_stamps(forked, forked.parts(told.item), replace(true, index=forked.checkpoint.size))
    assert FindingCode.ANCHOR_FORK in codes(judge(forked, parts))


def test_the_head_of_another_log_cannot_be_passed_off(told: Story) -> None:
    parts, _ = stamped(told)
    (anchor,) = parts.anchors
    text = anchor.checkpoint.replace("evidence.test/log", "elsewhere.test/log")
    other = replace(anchor, checkpoint=text, token=AUTHORITY.token(text.encode(), told.world.now))
    assert codes(judge(told.world, replace(parts, anchors=(other,)))) == {FindingCode.ANCHOR_FORK}


def test_a_record_that_states_an_earlier_day_is_remarked_on(told: Story) -> None:
    """Back-dating: its signer had seen a head over a stamp that is newer than the stated day."""
    world = told.world
    made = stamp(world, AUTHORITY)
    world.publish()
    index = world.record(T.NOTE, world.otto, told.item, time=world.now - timedelta(days=2))
    world.publish()
    verdict = judge(world, with_stamps(world, world.parts(told.item), made))
    assert codes(verdict, Level.REMARK) == {FindingCode.TIME_OUTSIDE_WINDOW, FindingCode.TIME_BACKWARDS}
    marked = {f.index for f in verdict.findings if f.code is FindingCode.TIME_OUTSIDE_WINDOW}
    assert marked == {index}


def test_a_record_that_states_a_later_day_is_remarked_on(told: Story) -> None:
    """Post-dating: it stood under a head that was stamped before the stated day."""
    world = told.world
    index = world.record(T.NOTE, world.otto, told.item, time=world.now + timedelta(days=2))
    world.publish()
    parts, _ = stamped(told)
    verdict = judge(world, parts)
    marked = {f.index for f in verdict.findings if f.code is FindingCode.TIME_OUTSIDE_WINDOW}
    assert marked == {index}


def test_a_stamp_made_later_over_an_old_head_moves_no_lower_bound(told: Story) -> None:
    """Whoever runs the server stamps an old head today: what was signed on it is not made younger by that."""
    parts, _ = stamped(told, time=told.world.now + timedelta(days=100))
    verdict = judge(told.world, parts)
    assert verdict.outcome is Outcome.VERIFIED
    assert window(verdict, told.approve).not_before is None


def test_leaving_stamps_out_widens_windows_and_never_narrows_them(told: Story) -> None:
    parts, _ = stamped(told)
    bare = replace(parts, anchors=())
    full, less = judge(told.world, parts), judge(told.world, bare)
    assert (full.outcome, less.outcome) == (Outcome.VERIFIED, Outcome.VERIFIED)
    assert window(full, told.approve).not_after is not None
    assert window(less, told.approve) == Window()


def test_a_stamp_in_a_record_of_somebody_who_may_not_record_it_breaks_the_report(told: Story) -> None:
    head = told.world.checkpoint
    token = AUTHORITY.token(head.text().encode(), told.world.now)
    index = told.world.record(
        T.ANCHOR, told.world.ana, extra={"token": b64(token), "checkpoint": head.text()}
    )
    told.world.publish()
    parts = with_stamps(told.world, told.world.parts(told.item), Stamped(head, token, index))
    assert codes(judge(told.world, parts)) == {FindingCode.ROLE_NOT_ALLOWED}
