"""Read what an `erasure` record orders: whose openings are destroyed, and which entries lose their bytes.

An erased entry keeps its leaf hash and its place. What it was about would be lost with its bytes, so the order
says it by map keys, which are hashes of random identifiers; the map itself shows whether the order says it
rightly. Does not decide who may order it (rules.py) or what may be erased at all (verify_log.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from . import digests, members
from .canonical import JSON
from .errors import MalformedError

_Ordered = TypeVar("_Ordered", int, bytes, str)

# An entry is about its case, its actor's key and some items; a box with more stays readable.
MAX_KEYS = 64


def write_erased(entries: Mapping[int, Iterable[bytes]]) -> list[JSON]:
    """Write the member `erased`: index of each entry and its map keys."""
    return [
        {"index": index, "keys": [digests.b64(key) for key in sorted(set(entries[index]))]}
        for index in sorted(entries)
    ]


def read_erased(value: JSON) -> dict[int, frozenset[bytes]]:
    """Read the member `erased`: indices ascending, each with its map keys ascending as bytes."""
    found = [_one(part) for part in members.array(value, "list of erased entries")]
    if not _ascends([index for index, _ in found]):
        raise MalformedError("The erased entries are not in ascending order.")
    return dict(found)


def write_openings(fields: Mapping[int, Iterable[str]]) -> list[JSON]:
    """Write the member `openings`: index of each entry and the claims whose openings are destroyed."""
    return [{"index": index, "fields": [*sorted(set(fields[index]))]} for index in sorted(fields)]


def read_openings(value: JSON) -> dict[int, tuple[str, ...]]:
    """Read the member `openings`: indices ascending, each with the names of its claims in alphabetical order."""
    found = []
    for part in members.array(value, "list of destroyed openings"):
        parts = members.exactly(part, ("index", "fields"), "destroyed opening")
        names = [
            members.text(one, "name of a claim") for one in members.array(parts["fields"], "list of claims")
        ]
        if not names or not _ascends(names):
            raise MalformedError(
                "The claims of a destroyed opening are missing or not in alphabetical order."
            )
        found.append((members.count(parts["index"], "index of an entry"), tuple(names)))
    if not _ascends([index for index, _ in found]):
        raise MalformedError("The entries whose openings are destroyed are not in ascending order.")
    return dict(found)


def check_order(extra: Mapping[str, JSON]) -> None:
    """Raise MalformedError if an order names no entry at all, or one in both lists."""
    openings, erased = read_openings(extra["openings"]), read_erased(extra["erased"])
    if not openings and not erased:
        raise MalformedError("An order of erasure names no entry.")
    if not openings.keys().isdisjoint(erased):
        raise MalformedError("An order of erasure names an entry twice; with its bytes go all its openings.")


def _one(value: JSON) -> tuple[int, frozenset[bytes]]:
    parts = members.exactly(value, ("index", "keys"), "erased entry")
    keys = [members.hash32(part, "map key") for part in members.array(parts["keys"], "list of map keys")]
    if len(keys) > MAX_KEYS or not _ascends(keys):
        raise MalformedError("The map keys of an erased entry are too many or not in ascending order.")
    return members.count(parts["index"], "index of an erased entry"), frozenset(keys)


def _ascends(values: Sequence[_Ordered]) -> bool:
    return all(low < high for low, high in pairwise(values))
