"""Looks for breaks in the custody of each exhibit: fixed rules over signed records, answered in sentences.

Each rule is asked of every exhibit and answers with what it found, or says that the copy at hand withholds
what it would need. Nothing found is an answer as well and is printed. No rule explains a gap away: what it
means is for the court.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from custody.proof.records import RecordType
from custody.reports.content import (
    NOT_APPLICABLE,
    NOT_RECORDED,
    WITHHELD,
    Absent,
    Gap,
    Question,
    Value,
    moment,
)
from custody.reports.holdings import Period, spans
from custody.reports.story import Story, Told

# Clocks of a signer and of the server differ; a person may sign a while after the record was made ready.
CLOCKS = timedelta(hours=1)
_T = RecordType
_ENDS = (_T.TRANSFER_APPROVE, _T.TRANSFER_REJECT, _T.TRANSFER_REFUSE, _T.TRANSFER_WITHDRAW)


@dataclass(frozen=True)
class Chain:
    """One exhibit's records in the order of the log, and the moment up to which they are asked."""

    story: Story
    told: Sequence[Told]
    until: datetime

    @property
    def first(self) -> Told:
        return self.told[0]

    def sheet(self, name: str) -> Any:  # Any: JSON of the exhibit form
        """Return one field of the exhibit form; WITHHELD with the form, NOT_RECORDED if left empty."""
        form = self.first.value("sheet")
        return form if isinstance(form, Absent) else form.get(name) or NOT_RECORDED

    def of(self, *types: RecordType) -> list[Told]:
        return [told for told in self.told if told.record.type in types]


@dataclass(frozen=True)
class Break:
    """One thing a rule found, with times where there are any."""

    begin: datetime | Absent
    end: datetime | Absent
    sentence: str


Rule = Callable[[Chain], Iterator[Break | Absent]]


def before_intake(chain: Chain) -> Iterator[Break | Absent]:
    """The time between acquisition and intake, which no record of the log covers."""
    stated = chain.sheet("acquired_at")
    taken = chain.first.record.time
    if isinstance(stated, Absent):
        yield (
            stated
            if stated is WITHHELD
            else Break(NOT_RECORDED, taken, "No time of acquisition is stated; the log begins at intake.")
        )
        return
    acquired = _time(stated)
    if acquired is None:
        yield Break(NOT_RECORDED, taken, "The stated time of acquisition cannot be read.")
    elif acquired > taken + CLOCKS:
        yield Break(
            taken, acquired, f"The acquisition is stated {_length(acquired - taken)} after the intake."
        )
    elif acquired < taken:
        yield Break(
            acquired,
            taken,
            f"For {_length(taken - acquired)} between acquisition and intake, the exhibit form is the only "
            "statement of who held it.",
        )


def nobody_answers(chain: Chain) -> Iterator[Break | Absent]:
    """Time after intake in which no record says who answers for the exhibit."""
    for span in spans(chain.story, chain.told):
        if span.holder is None:
            end = span.until or chain.until
            yield Break(
                span.since.record.time,
                end,
                f"No custodian is recorded for {_length(end - span.since.record.time)}.",
            )


def no_place(chain: Chain) -> Iterator[Break | Absent]:
    """Time after intake in which no record says where the exhibit is."""
    if chain.sheet("location") is WITHHELD:
        yield WITHHELD
        return
    since = chain.first.record.time if chain.sheet("location") is NOT_RECORDED else None
    for told in chain.of(_T.TRANSFER_APPROVE):
        place = told.value("place")
        if place is WITHHELD:
            yield WITHHELD
        elif place is not NOT_RECORDED and since is not None:
            yield Break(since, told.record.time, "No place is recorded until the transfer.")
            since = None
    if since is not None:
        yield Break(since, chain.until, f"No place is recorded for {_length(chain.until - since)}.")


def open_transfer(chain: Chain) -> Iterator[Break | Absent]:
    """A transfer that was begun and neither approved nor ended."""
    for offer in chain.of(_T.TRANSFER_OFFER):
        answers = [told for told in chain.told if offer.leaf in told.record.refs]
        if any(told.record.type in _ENDS for told in answers):
            continue
        accepted = next((t for t in answers if t.record.type is _T.TRANSFER_ACCEPT), None)
        state = (
            f"was accepted {moment(accepted.record.time)} but not approved"
            if accepted
            else "was not answered"
        )
        yield Break(
            offer.record.time,
            chain.until,
            f"The transfer requested in record {offer.index} {state}; the giver still answers for the exhibit.",
        )


def never_read_again(chain: Chain) -> Iterator[Break | Absent]:
    """Time since the stored bytes were last compared with their hash."""
    if not chain.of(_T.FIXITY_CHECK):
        since = chain.first.record.time
        yield Break(
            since,
            chain.until,
            f"The hash was computed at intake and the stored bytes were not read again for "
            f"{_length(chain.until - since)}.",
        )


def differs(chain: Chain) -> Iterator[Break | Absent]:
    """A reading of the stored bytes that did not give the recorded hash."""
    for told in chain.of(_T.FIXITY_CHECK):
        outcome = told.value("outcome")
        if outcome is WITHHELD:
            yield WITHHELD
        elif outcome == "mismatch":
            yield Break(
                told.record.time, told.record.time, "The stored bytes did not give the recorded hash."
            )
        elif outcome != "match":
            yield Break(told.record.time, told.record.time, "The stored bytes could not be read.")


def seal_differs(chain: Chain) -> Iterator[Break | Absent]:
    """A seal whose number or condition is stated differently from one act to the next that states it."""
    for name in ("seal_number", "seal_condition"):
        stated = [(chain.first, chain.sheet(name))]
        stated += [(told, told.value(name)) for told in chain.of(_T.TRANSFER_OFFER, _T.TRANSFER_ACCEPT)]
        for (before, was), (after, now) in pairwise(each for each in stated if each[1] is not NOT_RECORDED):
            if WITHHELD in (was, now):
                yield WITHHELD
            elif str(was).strip().casefold() != str(now).strip().casefold():
                yield Break(
                    before.record.time,
                    after.record.time,
                    f"The {name.partition('_')[2]} of the seal is stated differently in records {before.index} "
                    f"and {after.index}.",
                )


def clocks_disagree(chain: Chain) -> Iterator[Break | Absent]:
    """Stated times that contradict the order of the log."""
    latest = chain.first
    for told in chain.told[1:]:
        if told.record.time < latest.record.time - CLOCKS:
            yield Break(
                told.record.time,
                latest.record.time,
                f"Record {told.index} states a time {_length(latest.record.time - told.record.time)} before that of "
                f"the earlier record {latest.index}.",
            )
        elif told.record.time > latest.record.time:
            latest = told


RULES: Mapping[str, tuple[str, Rule]] = {
    "Before intake": ("A time between acquisition and intake.", before_intake),
    "Nobody answers": (
        "A time after intake in which no record says who answers for the exhibit.",
        nobody_answers,
    ),
    "No place": ("A time after intake in which no record says where the exhibit is.", no_place),
    "Open transfer": ("A transfer that was begun and is neither approved nor ended.", open_transfer),
    "Not read again": (
        "Stored bytes that were never again compared with the hash of the intake.",
        never_read_again,
    ),
    "Hash differs": ("A reading of the stored bytes that did not give the recorded hash.", differs),
    "Seal differs": ("A seal whose number or condition is stated differently at the next act.", seal_differs),
    "Clocks disagree": (
        "A stated time that is more than an hour before that of an earlier record of the exhibit.",
        clocks_disagree,
    ),
}
ERASED = ("Erased", "A record of this scope whose content was erased by order.")
# On the timeline: what has a length there. The others show as a missing tick, or are told in the table.
_DRAWN = frozenset({"Nobody answers", "Open transfer", "Seal differs", "Clocks disagree"})


@dataclass(frozen=True)
class Continuity:
    """What the rules found, what was asked, and the open periods of each item for the figure."""

    gaps: tuple[Gap, ...]
    questions: tuple[Question, ...]
    periods: Mapping[uuid.UUID, tuple[Period, ...]]


def examine(story: Story, names: Mapping[uuid.UUID, str], until: datetime) -> Continuity:
    """Ask every rule of every exhibit, up to this moment or to the latest time that a record states."""
    gaps: list[Gap] = []
    periods: dict[uuid.UUID, list[Period]] = {}
    found: dict[str, int] = dict.fromkeys(RULES, 0)
    untold: dict[str, set[uuid.UUID]] = {kind: set() for kind in RULES}
    for item, name in names.items():
        told = story.about_item(item)
        chain = Chain(story, told, max(until, *(each.record.time for each in told)))
        for kind, (_, rule) in RULES.items():
            for answer in rule(chain):
                if isinstance(answer, Absent):
                    untold[kind].add(item)
                    continue
                found[kind] += 1
                gaps.append(Gap(name, kind, _said(answer.begin), _said(answer.end), answer.sentence))
                if kind in _DRAWN and isinstance(answer.begin, datetime) and isinstance(answer.end, datetime):
                    periods.setdefault(item, []).append(Period(answer.begin, answer.end))
    gaps += _erased(story)
    questions = [Question(kind, asked, found[kind], len(untold[kind])) for kind, (asked, _) in RULES.items()]
    questions.append(Question(*ERASED, len(story.erased)))
    return Continuity(tuple(gaps), tuple(questions), {item: tuple(all_) for item, all_ in periods.items()})


def _erased(story: Story) -> Iterator[Gap]:
    for index, order in story.erased:
        yield Gap(
            NOT_APPLICABLE,
            ERASED[0],
            NOT_RECORDED,
            NOT_RECORDED,
            f"The content of record {index} was erased; the order is record {order}. What it said is not known.",
        )


def _said(when: datetime | Absent) -> Value:
    return when if isinstance(when, Absent) else moment(when)


def _time(stated: Any) -> datetime | None:  # Any: JSON of the exhibit form
    try:
        found = datetime.fromisoformat(str(stated))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _length(span: timedelta) -> str:
    """Say a length of time in its largest two units."""
    seconds = int(span.total_seconds())
    parts = []
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s")
    return " and ".join(parts[:2]) or "less than a second"
