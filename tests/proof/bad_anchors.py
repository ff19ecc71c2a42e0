"""Bad bundles for the finding codes of outside time stamps; bad.py has the others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from custody.proof import bundle
from custody.proof.bundle import AnchorPart
from custody.proof.findings import FindingCode
from custody.proof.verdict import Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed, stamps
from tests.proof.world import T, story

_C = FindingCode
STORY = story()
WORLD = STORY.world
HEAD = WORLD.checkpoint
STAMPER = stamps.stamper()


def _anchored(text: str, token: bytes, *, pinned: bool = True, at: datetime = WORLD.now) -> Verdict:
    """Put one stamp over the newest head, or over what is given as such."""
    parts = replace(WORLD.parts(STORY.item), anchors=(AnchorPart(text, token, ()),))
    policy = replace(WORLD.policy, stampers=(STAMPER.pin,) if pinned else ())
    return verify_report(bundle.build(parts), Question(policy=policy, at=at))


def _stamped(text: str = HEAD.text(), *, pinned: bool = True, at: datetime = WORLD.now) -> Verdict:
    return _anchored(text, STAMPER.token(text.encode(), WORLD.now), pinned=pinned, at=at)


def _renewed(folder: Path) -> Verdict:
    world, later = story().world, datetime(2035, 6, 1, tzinfo=UTC)
    renewer = stamps.stamper("Later authority", begin=later)
    first = stamps.stamp(world, STAMPER)
    world.publish()
    second = stamps.stamp(world, renewer, later)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), first, second)
    policy = stamps.pinning(world, STAMPER, renewer)
    return verify_report(bundle.build(parts), Question(policy=policy, at=later + timedelta(days=700)))


def _back_dated(folder: Path) -> Verdict:
    told = story()
    anchor = stamps.stamp(told.world, STAMPER, told.world.now + timedelta(days=2))
    told.world.publish()
    told.world.record(T.NOTE, told.world.otto, told.item)
    told.world.publish()
    parts = stamps.with_stamps(told.world, told.world.parts(), anchor)
    policy = stamps.pinning(told.world, STAMPER)
    return verify_report(bundle.build(parts), Question(policy=policy, at=told.world.now))


AUTHORITY = sealed.root()
PLAIN = sealed.seal(sealed.report(WORLD.bundle(STORY.item)), AUTHORITY.issue("Seal"), room=16 * 1024)


def _sealed(make: Callable[[bytes], bytes], *, pinned: bool = True) -> Verdict:
    pins = (STAMPER.pin,) if pinned else ()
    policy = replace(WORLD.policy, seals=(AUTHORITY.pin,), stampers=pins)
    return verify_report(stamps.on_seal(PLAIN, make), Question(policy=policy, at=WORLD.now))


BAD: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.SEAL_STAMP: lambda folder: _sealed(lambda signature: STAMPER.token(b"another seal", WORLD.now)),
    _C.SEAL_STAMP_NOT_COUNTED: lambda folder: _sealed(
        lambda signature: STAMPER.token(signature, WORLD.now), pinned=False
    ),
    _C.ANCHOR_INVALID: lambda folder: _anchored(HEAD.text(), b"a time stamp token"),
    _C.ANCHOR_FORK: lambda folder: _stamped(replace(HEAD, root=bytes(32)).text()),
    _C.ANCHOR_NOT_PINNED: lambda folder: _stamped(pinned=False),
    _C.ANCHOR_EXPIRED: lambda folder: _stamped(at=WORLD.now + timedelta(days=9_000)),
    _C.ANCHOR_RENEWED: _renewed,
    _C.TIME_OUTSIDE_WINDOW: _back_dated,
}
