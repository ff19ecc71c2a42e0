"""Redact tables as text (CSV, TSV): cell by cell, so that columns and rows stay where they are.

Finds the separator by counting; everything outside the changed cells stays as it is written. It does not judge
formulas, types or whether rows have the same length.
"""

import re
from dataclasses import dataclass

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.mask import mask_segments

_SEPARATORS = ",;\t|"
# The separator shows in the first lines; the rest of a large table need not be counted.
_SAMPLE = 20_000
# Between rows as between cells: one name may be spread over two cells or two lines.
_BORDER = ","


@dataclass(frozen=True)
class _Cell:
    start: int
    end: int
    value: str


def redact_table(text: str, finder: Finder, findings: Findings) -> str:
    """Return the table redacted, header row included."""
    separator = _separator(text)
    cells = _cells(text, separator)
    masked = mask_segments([cell.value for cell in cells], finder, findings, part="table", borders=(_BORDER,))
    pieces: list[str] = []
    done = 0
    for cell, value in zip(cells, masked, strict=True):
        pieces.append(text[done : cell.start])
        pieces.append(text[cell.start : cell.end] if value == cell.value else _written(value, separator))
        done = cell.end
    return "".join([*pieces, text[done:]])


def _separator(text: str) -> str:
    sample = re.sub(r'"[^"]*"', "", text[:_SAMPLE])
    return max(_SEPARATORS, key=lambda sign: (sample.count(sign), -_SEPARATORS.index(sign)))


def _cells(text: str, separator: str) -> list[_Cell]:
    """A cell that opens a quotation and never closes it is read to the next separator."""
    sign = re.escape(separator)
    expression = re.compile(
        rf'(?:^|(?<=[{sign}\r\n]))(?:"((?:[^"]|"")*)"(?=[{sign}\r\n]|\Z)|([^{sign}\r\n]+))'
    )
    cells: list[_Cell] = []
    for match in expression.finditer(text):
        quoted = match[1]
        value = match[2] if quoted is None else quoted.replace('""', '"')
        cells.append(_Cell(match.start(), match.end(), value))
    return cells


def _written(value: str, separator: str) -> str:
    if separator in value or any(sign in value for sign in '"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value
