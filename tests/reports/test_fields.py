"""Every field that content.py has is printed: a form with a field that nobody sees is a trap."""

import dataclasses
import itertools
import typing

from custody.reports import content as c
from custody.reports.render import render
from tests.reports import sample
from tests.reports.page_text import page_text

NUMBERS = itertools.count(100)
# Places on the figure are drawn, not printed; the times beside them are.
DRAWN = {"left": 0, "right": c.AXIS, "place": 5_000}


def filled(hint: typing.Any, path: str, told: dict[str, str]) -> typing.Any:
    """Make a value of a content type from words that occur nowhere else; `told` maps each word to its field."""
    number = next(NUMBERS)
    if path.rpartition(".")[2] in DRAWN:
        return DRAWN[path.rpartition(".")[2]]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if hint is c.Digest:
            digest = sample.digest(f"{path} {number}")
            told[str(digest.value)] = path
            return digest
        hints = typing.get_type_hints(hint)
        return hint(**{name: filled(kind, f"{path}.{name}", told) for name, kind in hints.items()})
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)
        return (
            (filled(inner[0], path, told),)
            if inner[-1] is ...
            else tuple(filled(one, path, told) for one in inner)
        )
    choices = typing.get_args(hint) or (hint,)
    if choices[0] is int or choices[0] is str:
        return _word(choices[0], number, path, told)
    if dataclasses.is_dataclass(choices[0]):
        return filled(choices[0], path, told)
    return {
        c.Scope: c.Scope.ITEM, c.Level: c.Level.REMARK, c.Variant: c.Variant.SEALED, bool: True,
    }[choices[0]]  # fmt: skip


def _word(kind: type, number: int, path: str, told: dict[str, str]) -> str | int:
    if kind is int:
        told[f"{70_000 + number:,}" if path.endswith("items.size") else str(70_000 + number)] = path
        return 70_000 + number
    word = f"{number:064x}" if path.endswith(".leaf") else f"q{number}z"
    told[word] = path
    return word


def test_every_field_of_the_content_is_printed() -> None:
    told: dict[str, str] = {}
    hints = typing.get_type_hints(c.ReportContent)
    content = c.ReportContent(**{name: filled(kind, name, told) for name, kind in hints.items()})
    text = page_text(render(content, sample.BUNDLE, created=sample.CREATED))
    assert len(told) >= 150
    assert not {path for word, path in told.items() if word not in text}
