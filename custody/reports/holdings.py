"""Who answered for each exhibit from when to when, told from signed records, and its places on a timeline.

The rules are those of custody.proof.chain: the signer of an intake becomes custodian; an approved transfer
makes the signer of its acceptance custodian. So the figure needs no statement to be opened. Continuity.py
asks what these spans leave open; the template draws them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.proof.records import RecordType
from custody.reports.content import (
    AXIS,
    NOT_APPLICABLE,
    Holding,
    Lane,
    Person,
    Stretch,
    Tick,
    Timeline,
    moment,
)
from custody.reports.story import Story, Told

# Words under the axis: at its beginning, its quarters and its end.
MARKS = 5
# Below this length of the whole axis the words under it give times of day.
DAYS = timedelta(days=4)


@dataclass(frozen=True)
class Span:
    """One custodian's time with one item; nobody's for a quarantined one. `until` is None while it lasts."""

    holder: uuid.UUID | None
    signed: Told | None  # the record whose signer is the custodian
    since: Told  # the record that began it
    until: datetime | None


@dataclass(frozen=True)
class Period:
    """From when to when something was open, for the figure."""

    begin: datetime
    end: datetime


def spans(story: Story, chain: Sequence[Told]) -> list[Span]:
    """Return the custodians of one item in order."""
    found: list[Span] = []
    for told in chain:
        signed = _taker(story, told)
        if signed is None and told.record.type is not RecordType.DISPOSE_DONE and found:
            continue
        if found and found[-1].until is None:
            last = found.pop()
            found.append(Span(last.holder, last.signed, last.since, told.record.time))
        if told.record.type is not RecordType.DISPOSE_DONE:
            holder = story.person_of(signed) if signed else None
            found.append(Span(holder, signed, told, None))
    return found


def _taker(story: Story, told: Told) -> Told | None:
    """Return the record whose signer becomes custodian by this one; None if custody stays where it is."""
    if told.record.type is RecordType.ITEM_INTAKE:
        return told
    if told.record.type is RecordType.TRANSFER_APPROVE:
        answered = [story.by_leaf[ref] for ref in told.record.refs if ref in story.by_leaf]
        return next((t for t in answered if t.record.type is RecordType.TRANSFER_ACCEPT), None)
    return None


def custodian(story: Story, chain: Sequence[Told]) -> Person:
    """Return who answers for the item at the end of its chain."""
    found = spans(story, chain)
    last = found[-1] if found else None
    return story.actor(last.signed) if last and last.until is None and last.signed else Person()


def timeline(
    story: Story, names: Mapping[uuid.UUID, str], open_: Mapping[uuid.UUID, Sequence[Period]], end: datetime
) -> Timeline | None:
    """Lay the spans of these items on one axis from the first record about them to `end`; None without items."""
    chains = {item: story.about_item(item) for item in names}
    times = [told.record.time for chain in chains.values() for told in chain]
    if not times:
        return None
    axis = _Axis(min(times), max(end, *times))
    numbers = _Numbers()
    lanes = [
        Lane(
            name,
            tuple(_holdings(story, name, chains[item], axis, numbers)),
            tuple(_ticks(chains[item], axis)),
            tuple(Stretch(axis.place(each.begin), axis.place(each.end)) for each in open_.get(item, ())),
        )
        for item, name in names.items()
    ]
    return Timeline(moment(axis.begin), moment(axis.end), axis.marks(), tuple(lanes))


@dataclass(frozen=True)
class _Axis:
    begin: datetime
    end: datetime

    def place(self, when: datetime) -> int:
        length = max(self.end - self.begin, timedelta(seconds=1))
        return min(max((when - self.begin) * AXIS // length, 0), AXIS)

    def marks(self) -> tuple[str, ...]:
        step = (self.end - self.begin) / (MARKS - 1)
        form = "%Y-%m-%d" if self.end - self.begin >= DAYS else "%m-%d %H:%M"
        return tuple((self.begin + step * number).strftime(form) for number in range(MARKS))


class _Numbers:
    """Gives each custodian a number for the figure, in the order in which they first appear."""

    def __init__(self) -> None:
        self._given: dict[uuid.UUID, int] = {}

    def of(self, holder: uuid.UUID | None) -> int:
        return 0 if holder is None else self._given.setdefault(holder, len(self._given) + 1)


def _holdings(
    story: Story, name: str, chain: Sequence[Told], axis: _Axis, numbers: _Numbers
) -> Iterable[Holding]:
    for span in spans(story, chain):
        yield Holding(
            exhibit=name,
            number=numbers.of(span.holder),
            custodian=story.actor(span.signed) if span.signed else Person(),
            begin=moment(span.since.record.time),
            end=moment(span.until) if span.until else NOT_APPLICABLE,
            record=span.since.index,
            left=axis.place(span.since.record.time),
            right=axis.place(span.until) if span.until else AXIS,
        )


def _ticks(chain: Sequence[Told], axis: _Axis) -> Iterable[Tick]:
    for told in chain:
        if told.record.type is RecordType.FIXITY_CHECK:
            yield Tick(axis.place(told.record.time), told.value("outcome") == "match")
