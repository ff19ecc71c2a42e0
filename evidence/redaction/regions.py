"""Find every place of a text that must be replaced: as it lies there, behind escapes and markup, in encoded words.

Brings find.py, views.py and embedded.py together. Does not replace anything (mask.py).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from evidence.redaction.embedded import Hidden, hidden
from evidence.redaction.find import Finder, Found
from evidence.redaction.registry import Spelling
from evidence.redaction.views import CUT, View, readings, to_source

# Base64 in base64: nobody writes deeper by accident.
MAX_DEPTH = 4
# Stands between decoded words, so that nothing is found across two of them.
_BARRIER = f"\n {CUT} \n"


_F = TypeVar("_F", Found, "Region")


@dataclass(frozen=True)
class Region:
    """Runs of characters to replace by one pseudonym; without a pseudonym, opaque data to withhold."""

    runs: tuple[tuple[int, int], ...]
    pseudonym: str = ""
    kind: str = ""
    spelling: Spelling = Spelling.STRONG

    @property
    def start(self) -> int:
        """The first character that the region covers."""
        return self.runs[0][0]


def regions(text: str, finder: Finder, *, depth: int = 0) -> list[Region]:
    """Return all regions of text, each once, in their order."""
    wanted = {_region(found, [(found.start, found.end)]) for found in finder.find(text)}
    wanted.update(_hidden_regions(text, [], finder, depth))
    for chain in readings(text):
        view = chain[-1].text
        for found in finder.find(view):
            wanted.add(_region(found, to_source(chain, found.start, found.end)))
        wanted.update(_hidden_regions(view, chain, finder, depth))
    return sorted((r for r in wanted if r.runs), key=lambda r: (r.runs, r.pseudonym, r.kind, r.spelling))


def _region(found: Found, runs: list[tuple[int, int]]) -> Region:
    return Region(tuple(runs), found.pseudonym, found.kind, found.spelling)


def _hidden_regions(text: str, chain: list[View], finder: Finder, depth: int) -> Iterator[Region]:
    if depth >= MAX_DEPTH:
        return
    words = list(hidden(text))
    for word in words:
        if word.opaque:
            yield Region(tuple(to_source(chain, word.start, word.end)))
    readable = [word for word in words if not word.opaque and not word.garbled]
    garbled = [word for word in words if word.garbled]
    for word, region in _in_words(readable, lambda joined: regions(joined, finder, depth=depth + 1)):
        yield Region(
            tuple(to_source(chain, word.start, word.end)), region.pseudonym, region.kind, region.spelling
        )
    for word, found in _in_words(garbled, finder.find_long):
        yield _region(found, to_source(chain, word.start, word.end))


def _in_words(words: list[Hidden], search: Callable[[str], list[_F]]) -> Iterator[tuple[Hidden, _F]]:
    """Search all decoded words at once: there are thousands of short ones in a long text."""
    if not words:
        return
    starts: list[int] = []
    length = 0
    for word in words:
        starts.append(length)
        length += len(word.text) + len(_BARRIER)
    for found in search(_BARRIER.join(word.text for word in words)):
        yield words[bisect_right(starts, found.start) - 1], found
