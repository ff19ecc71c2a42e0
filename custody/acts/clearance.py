"""What of a report may leave: which statements stay closed, and the last look at its words before it is laid out.

Fails closed: what could not be searched to the end counts as naming somebody. A statement is opened whole or
not at all, so one protected name closes all of it. Sentences here say where a name stands, never which.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from custody.proof import bundle, canonical
from custody.proof.canonical import JSON
from custody.reports.assemble import WORDS
from custody.reports.content import Person, ReportContent
from custody.reports.exhibits import ENDINGS
from custody.reports.variant import EXPLAINED, MARKS, Variant, may_be_public
from evidence.redaction.leak_check import Scanner
from evidence.redaction.leak_unpack import LayerLimitError
from evidence.redaction.registry import Kind, Protected

# Claims that name officials, from their accounts and never from free text: an official who shares a first
# name with a victim is not the victim, and must be named for the chain to be one.
OFFICIALS = frozenset(
    {
        "approver",
        "by",
        "custodian",
        "giver",
        "holder",
        "person",
        "recipient",
        "requested_by",
        "taker",
        "uploaded_by",
    }
)
# Names that several statements make together are rare; who needs more rounds than this is being attacked.
MAX_ROUNDS = 20
WHAT_TO_DO = (
    "Open the case's list of protected people with whoever registered them. If an ordinary word is found, such as a "
    "month, have the text there changed or the identifier registered in its full form; nothing can be overridden here."
)
K = TypeVar("K")
Key = tuple[int, str]


class NotIssuedError(Exception):
    """The report was not made; the text is for a person and names nobody."""


class Search:
    """One registry, prepared once for all the texts of a report."""

    def __init__(self, protected: Sequence[Protected]) -> None:
        self._scanner = Scanner(protected) if protected else None
        self._found: dict[str, bool] = {}

    def names(self, text: str) -> bool:
        """Search all layers; what could not be searched to the end counts as a hit."""
        if self._scanner is None:
            return False
        # Exhibits of one seizure say the same of themselves over and over.
        if text not in self._found:
            self._found[text] = self._search(self._scanner, text)
        return self._found[text]

    def _search(self, scanner: Scanner, text: str) -> bool:
        try:
            return bool(scanner.in_text(text))
        except LayerLimitError:
            return True

    def closed(self, texts: Mapping[K, str]) -> set[K]:
        """Return which texts must stay closed, so that the rest, also read together, names nobody.

        Raises: NotIssuedError if no end was found.
        """
        found: set[K] = set()
        for _ in range(MAX_ROUNDS):
            left = {key: text for key, text in texts.items() if key not in found}
            if not left or not self.names("\n".join(left.values())):
                return found
            alone = {key for key, text in left.items() if self.names(text)}
            found |= alone or set(self._together(left))
        raise NotIssuedError(f"Texts of this report name a protected person again and again. {WHAT_TO_DO}")

    def _together(self, texts: Mapping[K, str]) -> list[K]:
        """Find the neighbours that name somebody only when read together."""
        keys = list(texts)

        def named(first: int, last: int) -> bool:
            return self.names("\n".join(texts[key] for key in keys[first:last]))

        last = _first(len(keys), lambda end: named(0, end))
        first = last - _first(last, lambda length: named(last - length, last))
        return keys[first:last]


def _first(most: int, holds: Callable[[int], bool]) -> int:
    """Return the least number up to `most` for which it holds, if it holds for every larger one."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


@dataclasses.dataclass(frozen=True)
class Cleared:
    """A bundle of which only what may leave is opened, and what is withheld to protect somebody, in sentences."""

    parts: bundle.BundleParts
    withheld: tuple[str, ...]


def clear(parts: bundle.BundleParts, variant: Variant, search: Search) -> Cleared:
    """Close what names a protected person and, in a public copy, what is not for everybody.

    In a public copy officials are protected as well: a designation that holds the name of one stays closed.
    """
    openings = {(part.index, part.opening.field): part for part in parts.openings}
    if variant is Variant.PUBLIC:
        officials = _officials(parts)
        openings = {
            key: part
            for key, part in openings.items()
            if may_be_public(part.opening.field, part.opening.value)
            and not officials.names(_text(part.opening.value))
        }
    texts = {key: _text(part.opening.value) for key, part in openings.items() if key[1] not in OFFICIALS}
    closed = search.closed(texts)
    left = tuple(part for key, part in openings.items() if key not in closed)
    sentences = tuple(_sentence(key, openings[key].opening.value, search) for key in sorted(closed))
    return Cleared(dataclasses.replace(parts, openings=left), sentences)


def _officials(parts: bundle.BundleParts) -> Search:
    """Prepare a search for the names of all officials whom the records name."""
    names = set()
    for part in parts.openings:
        value = part.opening.value
        if (
            part.opening.field in OFFICIALS
            and isinstance(value, Mapping)
            and str(value.get("name", "")).strip()
        ):
            names.add(str(value["name"]))
    return Search([Protected("Official", Kind.NAME, name) for name in sorted(names)])


def _text(value: JSON) -> str:
    return canonical.dumps(value).decode()


def _sentence(key: Key, value: JSON, search: Search) -> str:
    """Say what is withheld and where in it the name stands."""
    index, field = key
    where = ""
    if isinstance(value, Mapping):
        members = [name for name, text in value.items() if search.names(_text(text))]
        where = f" (at {', '.join(members)})" if members else ""
    return f"Record {index}, {field}{where}: names a protected person."


# Our own sentences, which every report prints; an ordinary word in them ("may") can be part of a name.
FIXED_FIELDS = frozenset(
    {
        "limits",
        "terms",
        "checks",
        "kind",
        "asked",
        "continuity",
        "explanation",
        "role",
        "categories",
        "status",
    }
    | {"declared_outcome", "last_check", "item_class", "outside_time", "witnesses", "verifier_command"}
    | {"prepared_for"}  # an official's name
)
FIXED_WORDS = frozenset({*WORDS.values(), *ENDINGS.values(), *MARKS.values(), *EXPLAINED.values()})


def last_look(content: ReportContent, search: Search) -> None:
    """Search what the pages will say: a page of the PDF holds glyph numbers, not letters.

    Raises: NotIssuedError naming the fields, never the words.
    """
    texts = dict(_words(content, ""))
    closed = search.closed(texts)
    if closed:
        raise NotIssuedError(
            "The report would name a protected person and was not issued. Found in: "
            f"{'; '.join(sorted(closed))}. {WHAT_TO_DO}"
        )


def _words(thing: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text of the content with its place, except names of officials and our own fixed sentences."""
    if isinstance(thing, str):
        if thing not in FIXED_WORDS:
            yield path, thing
    elif isinstance(thing, Person):
        return
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            if field.name not in FIXED_FIELDS:
                inner = field.name.replace("_", " ")
                yield from _words(getattr(thing, field.name), f"{path}, {inner}" if path else inner)
    elif isinstance(thing, tuple):
        for number, part in enumerate(thing, 1):
            yield from _words(part, f"{path} no. {number}")
