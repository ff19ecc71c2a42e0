"""Redact JSON: every string, key and number is read, the structure and all other bytes stay as they are.

Takes one document, or one document on each line. It is not parsed into objects: doubled keys, long numbers and the
order stay what they were. Numbers that name somebody (a telephone number) become strings.
"""

import json
import re
from dataclasses import dataclass

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.mask import mask_segments
from evidence.redaction.registry import UnsupportedError

_NOT_JSON = "The file is not valid JSON."
_TOO_DEEP = "The JSON is nested too deeply to be examined."
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*')
# Strings stand next to each other with a sign between them, never a space.
_BORDER = ","


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    value: str
    is_string: bool


def redact_json(text: str, finder: Finder, findings: Findings) -> str:
    """Return the document redacted. Raises UnsupportedError where it is no JSON."""
    _check(text)
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    masked = mask_segments(
        [token.value for token in tokens], finder, findings, part="document", borders=(_BORDER,)
    )
    pieces: list[str] = []
    done = 0
    for token, value in zip(tokens, masked, strict=True):
        pieces.append(text[done : token.start])
        pieces.append(text[token.start : token.end] if value == token.value else _quoted(value))
        done = token.end
    return "".join([*pieces, text[done:]])


def _check(text: str) -> None:
    if not _is_json(text):
        # Chat exports are often one document on each line.
        lines = [line for line in text.split("\n") if line.strip()]
        if not lines or not all(map(_is_json, lines)):
            raise UnsupportedError(_NOT_JSON)


def _is_json(text: str) -> bool:
    try:
        # Numbers stay text: one of a million digits is valid and must not be computed.
        json.loads(text, parse_int=str, parse_float=str)
    except RecursionError:
        raise UnsupportedError(_TOO_DEEP) from None
    except ValueError:
        return False
    return True


def _token(match: re.Match[str]) -> _Token:
    is_string = match[0].startswith('"')
    # strict=False: control characters inside strings are wrong but readable.
    value = str(json.loads(match[0], strict=False)) if is_string else match[0]
    return _Token(match.start(), match.end(), value, is_string)


def _quoted(value: str) -> str:
    """Write a string; halves of surrogate pairs have no UTF-8 and stay escaped."""
    return json.dumps(value, ensure_ascii=any("\ud800" <= letter <= "\udfff" for letter in value))
