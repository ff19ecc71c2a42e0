"""Turn values into the one byte string that is signed, and back: JCS (RFC 8785) in a narrow profile.

The profile: strings, whole numbers within 2^53-1, booleans, lists, and maps with ASCII keys; no floats, no
null, no lone surrogates. Floats and non-ASCII keys are where implementations of JCS differ; without them
every one agrees, and the writer of the standard library, told to sort and to leave out spaces, is one of them: ASCII
keys sort alike by any rule, and it escapes in strings exactly what RFC 8785 (3.2.2.2) demands. The tests compare it
with the package rfc8785. Does not know any schema (records.py, envelope.py). Sizes are limited by the callers.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

from .errors import MalformedError

# Sequence and Mapping, so that a list[str] is accepted where a list of JSON values is wanted.
JSON: TypeAlias = "str | int | bool | Sequence[JSON] | Mapping[str, JSON]"

# The largest whole number that every reader of JSON holds exactly (RFC 8785, 3.2.2.3; RFC 7493, 2.2).
MAX_INTEGER = 2**53 - 1
# Deeper than any record or bundle; keeps hostile input from exhausting the stack of this or another reader.
MAX_DEPTH = 32


def _whole_number(text: str) -> int:
    value = int(text)
    _check_number(value)
    return value


def _check_number(value: int) -> None:
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise MalformedError("A number is larger than 2^53-1, which not every reader holds exactly.")


def _refuse_number(text: str) -> NoReturn:
    raise MalformedError(f"The number {text[:40]} is not a whole number.")


_READER = json.JSONDecoder(parse_int=_whole_number, parse_float=_refuse_number, parse_constant=_refuse_number)
_WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def dumps(value: JSON, *, inside: int = 0) -> bytes:
    """Write the canonical bytes. Raises MalformedError for a value outside the profile.

    `inside` says how many levels of other JSON the value will stand in, elsewhere.
    """
    _check(value, depth=inside)
    return _written(value)


def loads(data: bytes) -> JSON:
    """Read canonical bytes. Raises MalformedError unless writing the result again gives the same bytes.

    That one comparison also refuses doubled member names, spaces, other escapes and other orders.
    """
    try:
        value = _READER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError("The bytes are not JSON in UTF-8.") from error
    if not _cannot_leave_the_profile(data):
        _check(value, depth=0)
    if _written(value) != data:
        raise MalformedError("The JSON is not in its canonical form (RFC 8785).")
    return value  # type: ignore[no-any-return]  # every part of it has just been checked


def _written(value: JSON) -> bytes:
    try:
        return _WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedError("A text has a lone surrogate, which is no character.") from error


def _cannot_leave_the_profile(data: bytes) -> bool:
    """Tell of JSON whose numbers were read that looking at every part would find nothing: most entries are such.

    All member names are ASCII, nothing is null, and brackets so few cannot be nested too deep.
    """
    return data.isascii() and b"null" not in data and data.count(b"{") + data.count(b"[") <= MAX_DEPTH


def _check(value: object, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MalformedError(f"JSON is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):  # a lone surrogate is found when it is encoded
        return
    if isinstance(value, int):  # bool is an int
        _check_number(value)
        return
    if isinstance(value, (list, tuple)):
        for part in value:
            _check(part, depth=depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise MalformedError("A member name is not an ASCII string.")
            _check(part, depth=depth + 1)
    else:
        raise MalformedError(f"A value of type {type(value).__name__} has no place in signed bytes.")


def check_depth(value: object, depth: int = 0) -> None:
    """Raise MalformedError if JSON, canonical or not, has more levels than every reader can hold."""
    if isinstance(value, dict | list):
        if depth == MAX_DEPTH:
            raise MalformedError(f"JSON is nested deeper than {MAX_DEPTH} levels.")
        for part in value.values() if isinstance(value, dict) else value:
            check_depth(part, depth + 1)
