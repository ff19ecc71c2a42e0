"""Replace what was found by pseudonyms, over and over until nothing is found any more.

Works on a list of segments (the cells of a table, the strings of a document) that belong together: a name may be
spread over several. Line breaks and the borders of segments stay, all else of a region goes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.regions import Region, regions
from evidence.redaction.registry import Hit, Remark, UnsupportedError

WITHHELD = "[withheld]"
# Replacing can bring letters together that spell a name again; more rounds than this do not end.
MAX_ROUNDS = 6
# What may stand between two hits on the same person that are one mention ("García, María").
_GAP = re.compile(r"[ ,.\-]{1,2}")
# What parts a name from an address in mail: "María <maria@…>".
_BRACKETS = re.compile(r"(\s*[<>]\s*)")


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    label: str


def mask(text: str, finder: Finder, findings: Findings, *, part: str) -> str:
    """Return text with everything replaced that names a person. Raises UnsupportedError if no end is reached."""
    return mask_segments([text], finder, findings, part=part)[0]


def mask_segments(
    segments: Sequence[str], finder: Finder, findings: Findings, *, part: str, borders: Iterable[str] = ("",)
) -> list[str]:
    """Return the segments with names replaced, read together with each of the borders between them."""
    done = list(segments)
    for border in borders:
        _note_collisions(border.join(done), finder, findings)
    for _ in range(MAX_ROUNDS):
        changed = False
        for border in borders:
            text = border.join(done)
            found = regions(text, finder)
            if found:
                changed = True
                _note(found, findings, part)
                done = _apply(done, border, _edits(text, found, border))
        if not changed:
            return done
    raise UnsupportedError("The text still names a protected person after every replacement; it is withheld.")


def _note(found: list[Region], findings: Findings, part: str) -> None:
    """List each hit once: a part of a name inside the whole name is no hit of its own."""
    covered: dict[str, int] = {}
    for region in sorted(found, key=lambda r: (r.runs[0][0], -r.runs[-1][1], r.spelling)):
        if not region.pseudonym:
            findings.remark(Remark.EMBEDDED_DATA_WITHHELD)
            continue
        if region.runs[-1][1] <= covered.get(region.pseudonym, -1):
            continue
        covered[region.pseudonym] = region.runs[-1][1]
        findings.hit(Hit(region.pseudonym, str(region.kind), region.spelling, part, region.runs[0][0]))


def _note_collisions(text: str, finder: Finder, findings: Findings) -> None:
    for pseudonym in finder.pseudonyms:
        words = r"[\W_]{0,3}".join(map(re.escape, re.split(r"[ .#-]+", pseudonym)))
        if re.search(rf"(?<![^\W_]){words}(?![^\W_])", text, re.IGNORECASE):
            findings.remark(f"{Remark.PSEUDONYM_COLLISION}: {pseudonym}")


def _edits(text: str, found: list[Region], border: str) -> list[_Edit]:
    """Turn regions into edits that do not overlap: the first run of a region takes the label, the others go."""
    runs = [
        _Edit(start, end, (region.pseudonym or WITHHELD) if place == 0 else "")
        for region in found
        for place, (start, end) in enumerate(region.runs)
    ]
    edits: list[_Edit] = []
    group: list[_Edit] = []
    reach = -1
    for run in sorted(runs, key=lambda run: (run.start, -run.end, run.label)):
        if group and run.start >= reach:
            _close(edits, group, text, border)
            group = []
        group.append(run)
        reach = max(reach, run.end)
    _close(edits, group, text, border)
    return edits


def _close(edits: list[_Edit], group: list[_Edit], text: str, border: str) -> None:
    if not group:
        return
    merged = _Edit(group[0].start, max(run.end for run in group), _label(group))
    last = edits[-1] if edits else None
    if (
        last
        and merged.label
        and last.label == merged.label
        and _one_mention(text[last.end : merged.start], border)
    ):
        edits[-1] = _Edit(last.start, merged.end, merged.label)
    else:
        edits.append(merged)


def _one_mention(gap: str, border: str) -> bool:
    return _GAP.fullmatch(gap) is not None and not (border and border in gap)


def _label(group: list[_Edit]) -> str:
    """Name everybody whose hit is not part of a larger hit; two victims may share a name."""
    labels: dict[str, None] = {}
    largest = _Edit(-1, -1, "")
    for run in group:
        if not run.label:
            continue
        if run.end > largest.end:
            largest = run
        if (run.start, run.end) == (largest.start, largest.end):
            labels[run.label] = None
    if len(labels) > 1:
        labels.pop(WITHHELD, None)
    return " / ".join(labels)


def _apply(segments: list[str], border: str, edits: list[_Edit]) -> list[str]:
    """Cut the edits at the borders; each cell that is touched gets the label, of one word in pieces the first."""
    result: list[str] = []
    base = place = 0
    for segment in segments:
        end = base + len(segment)
        pieces: list[str] = []
        done = base
        while place < len(edits) and edits[place].start < end:
            edit = edits[place]
            begin, finish = max(edit.start, base), min(edit.end, end)
            pieces.append(segment[done - base : begin - base])
            pieces.append(
                _replacement(
                    edit.label if border or edit.start >= base else "", segment, begin - base, finish - base
                )
            )
            done = finish
            if edit.end > end:
                break
            place += 1
        pieces.append(segment[done - base :])
        result.append("".join(pieces))
        base = end + len(border)
    return result


def _replacement(label: str, segment: str, start: int, end: int) -> str:
    """Keep line breaks and angle brackets, and keep the label apart from letters and digits beside it."""
    replaced = "".join(_replaced(label, piece) for piece in _BRACKETS.split(segment[start:end]))
    before = " " if start > 0 and segment[start - 1].isalnum() and replaced[:1].isalnum() else ""
    after = " " if segment[end : end + 1].isalnum() and replaced[-1:].isalnum() else ""
    return before + replaced + after


def _replaced(label: str, piece: str) -> str:
    if _BRACKETS.fullmatch(piece):
        return piece
    kept = re.sub(r"[^\r\n]", "", piece)
    return label + kept if re.search(r"\w", piece) or not kept else kept
