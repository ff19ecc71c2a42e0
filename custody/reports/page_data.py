"""What the template gets: report content as JSON, with every text already printable.

Does: turn values into text runs, cut identifiers into breakable pieces, say before and after once where they
are equal, count, mark long rows. Does not: hold wording (templates, statements.py) or decide what is told.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum

from custody.reports.content import (
    Absent,
    Change,
    ContentError,
    Digest,
    Disposal,
    Event,
    Holding,
    Item,
    Lane,
    Level,
    Person,
    ReportContent,
    Timeline,
    Transfer,
    Value,
    moment,
)
from custody.reports.fonts import FAMILIES, FontSet
from custody.reports.printable import Json, Printer
from custody.reports.qr import code_svg, code_text
from custody.reports.variant import EXPLAINED

HEADER_LENGTH = 40  # letters that fit the head of a page; the whole text stands on the first page
BRIEF = 160  # letters of a description in the schedule of exhibits; the whole text stands in the form
CODE_PIECE = 8  # characters of an identifier that stay together
LANES = 18  # exhibits in one figure of the timeline, so that it fits a page
MOST_TOLD = 40  # custodians and exhibits that a figure's alternative text names; the table below names all
TALL_VALUE = 900  # letters of one value above which its row may be split between pages

# Identifiers, not language: printed whole, in monospace, breakable, never hyphenated.
CODES = frozenset(
    {"key", "leaf", "value", "root", "genesis", "origin", "item_id", "case_id", "report_id"}
    | {"verifier_command", "seal_authority"}
)
ROWS = (Item, Event, Transfer, Change, Disposal)


class PageData:
    """Converts content with one set of fonts."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def of(self, thing: object) -> Json:
        """Convert any value of content.py.

        Raises: ContentError for a value that JSON does not have.
        """
        match thing:
            case Absent():
                return {"absent": thing.value}
            case StrEnum():
                return thing.value
            case str():
                return self._printer.printable(thing)
            case bool() | int():
                return thing
            case tuple():
                return [self.of(each) for each in thing]
        return self.record(thing)

    def record(self, thing: object) -> dict[str, Json]:
        """Convert a dataclass, with what the template needs besides its fields."""
        values = members(thing)
        if not values:
            raise ContentError(f"a report cannot print a {type(thing).__name__}")
        out = {name: self._member(name, value) for name, value in values.items()}
        match thing:
            case Digest():
                out["legacy"] = thing.legacy
            case Person():
                out["silent"] = all(value is Absent.NOT_RECORDED for value in values.values())
            case Item():
                out["brief"] = self.of(shortened(thing.description, BRIEF))
                out["size"] = f"{thing.size:,} bytes" if isinstance(thing.size, int) else self.of(thing.size)
            case Timeline():
                out["figures"] = [self._figure(thing, start) for start in range(0, len(thing.lanes), LANES)]
            case Event() | Transfer() | Change():
                out["digests"] = list(self._digests(thing.before, thing.after))
        if isinstance(thing, ROWS):
            out["tall"] = any(letters(value) > TALL_VALUE for value in values.values())
        return out

    def _figure(self, timeline: Timeline, start: int) -> Json:
        """Take as many lanes as fit a page, and say in words what they show."""
        lanes = timeline.lanes[start : start + LANES]
        return {"first": start, "last": start + len(lanes), "alt": told(timeline, lanes)}

    def _member(self, name: str, value: object) -> Json:
        if name in CODES and isinstance(value, str):
            return {"code": pieces(value)}
        return self.of(value)

    def _digests(self, before: tuple[Digest, ...], after: tuple[Digest, ...]) -> Iterator[Json]:
        """List the digests of an act; a value that stayed the same is printed once, and says so."""
        for digest in before:
            yield {**self.record(digest), "when": "before and after" if digest in after else "before"}
        for digest in after:
            if digest not in before:
                yield {**self.record(digest), "when": "after"}


def members(thing: object) -> dict[str, object]:
    """Give the fields of a dataclass value; nothing for any other thing."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {}


def letters(thing: object) -> int:
    """Count the letters that a value prints."""
    if isinstance(thing, str):
        return len(thing)
    if isinstance(thing, tuple):
        return sum(letters(each) for each in thing)
    return sum(letters(value) for value in members(thing).values())


def pieces(code: str) -> list[Json]:
    """Cut an identifier where a line may break.

    Raises: ContentError if it holds anything that could look like something else.
    """
    if not code.isascii() or not code.isprintable():
        raise ContentError("keys, hashes, ids and commands in a report are printable ASCII")
    return [code[start : start + CODE_PIECE] for start in range(0, len(code), CODE_PIECE)]


def told(timeline: Timeline, lanes: tuple[Lane, ...]) -> str:
    """Say in words what the figure of these lanes shows, for readers who do not see it."""
    parts = [f"Timeline of custody from {timeline.begin} to {timeline.end}."]
    for lane in lanes[:MOST_TOLD]:
        held = "; ".join(_held(each) for each in lane.holdings[:MOST_TOLD])
        failed = sum(not tick.match for tick in lane.ticks)
        parts.append(
            f"Exhibit {lane.exhibit}: {held}. Stored bytes read again: {len(lane.ticks)}, of which not "
            f"equal: {failed}. Open questions drawn: {len(lane.questions)}."
        )
    if any(len(lane.holdings) > MOST_TOLD for lane in lanes):
        parts.append("The table below the figures names every custodian.")
    return "".join(each for each in " ".join(parts) if each.isprintable())


def _held(holding: Holding) -> str:
    name = holding.custodian.name if holding.number else "no custodian recorded"
    words = name.value if isinstance(name, Absent) else name
    return f"{words} from {holding.begin} to {'the end' if isinstance(holding.end, Absent) else holding.end}"


def shortened(text: Value, most: int) -> Value:
    return text if isinstance(text, Absent) or len(text) <= most else text[: most - 1] + "…"


def page_data(content: ReportContent, bundle: bytes, *, created: datetime, fonts: FontSet) -> dict[str, Json]:
    """Make everything the template prints, besides its own words."""
    convert = PageData(Printer(fonts.coverages))
    digest = hashlib.sha256(bundle).hexdigest()
    code = code_text(bundle_sha256=digest, origin=content.log.origin, size=content.log.size)
    return convert.record(content) | {
        "fonts": list(FAMILIES),
        "title": f"Chain-of-custody report {content.report_id}",
        "author": "".join(each for each in content.agency if each.isprintable()),
        "created": moment(created),
        "head_case": convert.of(shortened(content.case_number, HEADER_LENGTH)),
        "head_report": convert.of(shortened(content.report_id, HEADER_LENGTH)),
        "bundle_sha256": {"code": pieces(digest)},
        "bundle_short": digest[:16],
        "bundle_size": f"{len(bundle):,} bytes",
        "qr": code_svg(code),
        "explained": EXPLAINED[content.variant],
        "counts": counts(content),
    }


def counts(content: ReportContent) -> dict[str, Json]:
    levels = [check.level for check in content.checks]
    return {
        "items": len(content.items),
        "events": len(content.events),
        "transfers": len(content.transfers),
        "gaps": len(content.gaps),
        "untold": sum(question.untold for question in content.questions),
        "closed": content.closed,
        "disposals": len(content.disposals),
        "failures": levels.count(Level.FAILURE),
    }


def rows(content: ReportContent) -> int:
    """Count the rows of all lists, for the limit on a report's length."""
    return sum(len(value) for value in members(content).values() if isinstance(value, tuple))
