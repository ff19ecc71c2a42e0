"""Step 10: outside time stamps over heads of the log, and between which of them each record lies.

A stamped head proves that all entries under it are older than the stamp. A stamp *in* the log proves that
whoever saw a head over it signed later than the stamp. A stamped head that a signer had seen would not do:
the head may have been stamped after they signed. So the window of a record opens with the newest stamp that
lies in the log below the head its signer saw, and closes with the first stamp over a head that covers it.

A stamp counts only while its certificate is valid. After that its signature could be forged, unless a later
stamp over a head that contains it shows that it was there before: renewal, as RFC 4998 describes it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from . import timestamp
from .bundle import AnchorPart
from .checkpoint import Checkpoint, parse_checkpoint
from .digests import unb64
from .errors import ConsistencyError, MalformedError, SignatureError
from .findings import Audit, FindingCode, counted
from .members import format_time, text
from .merkle import verify_consistency
from .reading import Reading
from .records import Record, RecordType
from .timestamp import NotPinnedError, TimeStamp

# A person may sign up to a quarter of an hour after the record was made ready, and clocks differ.
TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """Between which times outside authorities bound a record; None: on this side by none."""

    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True)
class Anchor:
    """A stamp that holds: how many entries it covers, and where in the log it lies itself, if that is shown."""

    size: int
    index: int | None
    stamp: TimeStamp


def check_times(
    reading: Reading, checkpoint: Checkpoint, pins: Sequence[str], at: datetime, audit: Audit
) -> Mapping[int, Window]:
    """(10) Check every stamp, see which count at this time; return the window of each record by its index."""
    holding = _holding(reading, checkpoint, pins, audit)
    counting = _counting(holding, at, audit)
    windows = _windows(reading, counting)
    if not reading.parts.anchors:
        audit.add(
            FindingCode.NO_TIME_STAMP,
            "No outside time stamp is configured: times are the signers' own statements, bounded by the "
            "order of the log.",
        )
    elif counting:
        _say(counting, windows, audit)
    _compare_stated_times(reading, windows, audit)
    return windows


def _holding(reading: Reading, checkpoint: Checkpoint, pins: Sequence[str], audit: Audit) -> list[Anchor]:
    """Give the stamps that a pinned authority made over a head of this log."""
    places = _places(reading)
    found: list[Anchor] = []
    not_pinned = 0
    for part in reading.parts.anchors:
        try:
            head = _head(part, checkpoint)
            stamp = timestamp.check(part.token, part.checkpoint.encode(), pins)
        except NotPinnedError:
            not_pinned += 1
        except ConsistencyError as error:
            audit.add(
                FindingCode.ANCHOR_FORK,
                f"An outside authority was shown another log than this one: {error} One was made to deceive.",
            )
        except (MalformedError, SignatureError) as error:
            audit.add(FindingCode.ANCHOR_INVALID, f"An outside time stamp is broken: {error}")
        else:
            found.append(Anchor(head.size, places.get((part.checkpoint, part.token)), stamp))
    if not_pinned:
        audit.add(
            FindingCode.ANCHOR_NOT_PINNED,
            f"Not counted: {counted(not_pinned, 'outside time stamp')} of authorities that the policy does "
            "not pin, so anybody could have made them.",
        )
    return found


def _head(part: AnchorPart, checkpoint: Checkpoint) -> Checkpoint:
    """Read the stamped head and prove that this log begins with it."""
    head = parse_checkpoint(part.checkpoint)
    if head.origin != checkpoint.origin:
        raise ConsistencyError(f"It is the head of the log {head.origin}.")
    verify_consistency(head.size, head.root, checkpoint.size, checkpoint.root, part.proof)
    return head


def _places(reading: Reading) -> dict[tuple[str, bytes], int]:
    """Tell where in the log each stamp lies, by its head and its token; the first place counts."""
    found: dict[tuple[str, bytes], int] = {}
    for entry in reading.records:
        if entry.record.type is RecordType.ANCHOR:
            found.setdefault(stamped(entry.record), entry.index)
    return found


def stamped(record: Record) -> tuple[str, bytes]:
    """Give head and token of an anchor record."""
    return text(record.extra["checkpoint"], "checkpoint"), unb64(text(record.extra["token"], "token"))


def _counting(anchors: Iterable[Anchor], at: datetime, audit: Audit) -> list[Anchor]:
    """Give the stamps that count at this time: with a valid certificate, or renewed before it expired.

    A renewal covers a larger head, so from the largest head down each stamp's renewal has been judged before.
    """
    counting: list[Anchor] = []
    renewed: list[Anchor] = []
    expired: list[Anchor] = []
    for anchor in sorted(anchors, key=lambda one: one.size, reverse=True):
        if at <= anchor.stamp.expires:
            counting.append(anchor)
        elif _is_renewed(anchor, counting):
            counting.append(anchor)
            renewed.append(anchor)
        else:
            expired.append(anchor)
    for anchor in _one_per_certificate(renewed):
        audit.add(
            FindingCode.ANCHOR_RENEWED,
            f"The certificate of {anchor.stamp.authority} expired on {anchor.stamp.expires:%Y-%m-%d}; its "
            "time stamps count because later ones, over heads that contain them, renewed them before that.",
        )
    for anchor in _one_per_certificate(expired):
        audit.add(
            FindingCode.ANCHOR_EXPIRED,
            f"The certificate of {anchor.stamp.authority} expired on {anchor.stamp.expires:%Y-%m-%d}, and no "
            "later time stamp here renews what it stamped: that is not counted.",
        )
    return counting


def _is_renewed(anchor: Anchor, later: Iterable[Anchor]) -> bool:
    return anchor.index is not None and any(
        one.size > anchor.index and one.stamp.latest <= anchor.stamp.expires for one in later
    )


def _one_per_certificate(anchors: Iterable[Anchor]) -> Iterable[Anchor]:
    return {anchor.stamp.pin: anchor for anchor in anchors}.values()


def _windows(reading: Reading, anchors: Sequence[Anchor]) -> dict[int, Window]:
    """Bound each record by the stamps below what its signer saw, and by those over heads that cover it."""
    below = sorted((one.index, one.stamp.earliest) for one in anchors if one.index is not None)
    above = sorted(((one.size, one.stamp.latest) for one in anchors), reverse=True)
    opens = list(accumulate((time for _, time in below), max))
    closes = list(accumulate((time for _, time in above), min))
    windows = {}
    for entry in reading.records:
        before = bisect_left(below, entry.record.seen.size, key=_place)
        after = bisect_left(above, -entry.index, key=lambda one: -one[0])
        windows[entry.index] = Window(
            opens[before - 1] if before else None, closes[after - 1] if after else None
        )
    return windows


def _place(one: tuple[int, datetime]) -> int:
    return one[0]


def _say(anchors: Sequence[Anchor], windows: Mapping[int, Window], audit: Audit) -> None:
    names = ", ".join(sorted({anchor.stamp.authority for anchor in anchors}))
    audit.passed(
        10,
        f"{counted(len(anchors), 'outside time stamp')} checked, of {names}: each is over a head of this log.",
    )
    closed = [window for window in windows.values() if window.not_after]
    both = sum(window.not_before is not None for window in closed)
    audit.passed(
        10,
        f"{counted(len(closed), 'record')} of {len(windows)} existed before a time stamp, {both} of them "
        "signed after an earlier one; the list below says when. The others are newer than the last stamp.",
    )


def _compare_stated_times(reading: Reading, windows: Mapping[int, Window], audit: Audit) -> None:
    """Remark on a stated time that the stamps exclude, or that goes back in the order of the log."""
    latest: datetime | None = None
    for entry in reading.records:
        time, window = entry.record.time, windows[entry.index]
        early = window.not_before is not None and window.not_before - time > TOLERANCE
        late = window.not_after is not None and time - window.not_after > TOLERANCE
        if early or late:
            audit.add(
                FindingCode.TIME_OUTSIDE_WINDOW,
                f"The signer states the time {format_time(time)}, but outside time stamps show that the record "
                f"was made {in_words(window)}.",
                index=entry.index,
            )
        if latest is not None and latest - time > TOLERANCE:
            audit.add(
                FindingCode.TIME_BACKWARDS,
                f"The signer states the time {format_time(time)}, an earlier entry {format_time(latest)}.",
                index=entry.index,
            )
        latest = time if latest is None else max(latest, time)


def in_words(window: Window) -> str:
    """Say the window: after the one time, before the other."""
    after = [f"not before {format_time(window.not_before)}"] if window.not_before else []
    before = [f"not after {format_time(window.not_after)}"] if window.not_after else []
    return " and ".join(after + before)
