"""Read members of parsed JSON as what they should be: text, count, hash, UUID, time, word of a closed set.

Each function returns the value or raises MalformedError with a sentence that names the member. Does not know
any record, entry or bundle; those say which members they want.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from . import digests
from .canonical import JSON
from .errors import MalformedError

_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# RFC 9562, 5.4: version 4, variant 10.
_UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_Word = TypeVar("_Word", bound=StrEnum)


def exactly(value: JSON, names: Collection[str], what: str) -> Mapping[str, JSON]:
    """Read a map that has these members and no others."""
    if not isinstance(value, dict):
        raise MalformedError(f"A {what} is not a map.")
    if len(value) != len(names) or not all(map(value.__contains__, names)):
        odd = ", ".join(sorted(value.keys() ^ set(names)))
        raise MalformedError(f"A {what} has missing or unknown members: {odd[:200]}.")
    return value


def text(value: JSON, what: str) -> str:
    if not isinstance(value, str):
        raise MalformedError(f"The {what} is not a text.")
    return value


def count(value: JSON, what: str) -> int:
    """Read a whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedError(f"The {what} is not a whole number from 0 upwards.")
    return value


def flag(value: JSON, what: str) -> bool:
    if not isinstance(value, bool):
        raise MalformedError(f"The {what} is not true or false.")
    return value


def array(value: JSON, what: str) -> Sequence[JSON]:
    if not isinstance(value, list):
        raise MalformedError(f"The {what} is not a list.")
    return value


def data(value: JSON, what: str) -> bytes:
    """Read bytes written as canonical base64."""
    return digests.unb64(text(value, what))


def hash32(value: JSON, what: str) -> bytes:
    """Read one SHA-256 hash written as canonical base64."""
    return digests.unb64_hash(text(value, what))


def keyid(value: JSON, what: str) -> str:
    name = text(value, what)
    digests.check_keyid(name)
    return name


def uuid(value: JSON, what: str) -> UUID:
    """Read a random UUID in its usual spelling: one made from a name could carry what it names."""
    spelled = text(value, what)
    if not _UUID4.fullmatch(spelled):
        raise MalformedError(f"The {what} is not a random UUID (version 4) in lower case with hyphens.")
    return UUID(spelled)


def word(value: JSON, words: type[_Word], what: str) -> _Word:
    """Read one word of a closed set."""
    try:
        return words(text(value, what))
    except ValueError as error:
        raise MalformedError(f"The {what} is not one this format knows.") from error


def time(value: JSON, what: str) -> datetime:
    """Read a time in the one form format_time() writes."""
    written = text(value, what)
    if not _TIME.fullmatch(written):
        raise MalformedError(f"The {what} is not written as YYYY-MM-DDThh:mm:ssZ.")
    try:
        moment = datetime.fromisoformat(written)
        if format_time(moment) == written:  # newer versions of Python read 24:00:00 as the day after
            return moment
    except (ValueError, OverflowError) as error:
        raise MalformedError(f"The {what} is a day or hour that does not exist.") from error
    raise MalformedError(f"The {what} is a day or hour that does not exist.")


def format_time(moment: datetime) -> str:
    """Write a time as the records do: UTC, whole seconds (the rest is dropped), Z."""
    if moment.tzinfo is None:
        raise ValueError("a time without time zone cannot be signed")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
