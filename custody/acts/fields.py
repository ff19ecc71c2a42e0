"""Reads what a door passed to an act: every field by its label, all problems at once.

It knows forms, not rules: whether a person may do it is the gate's question.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from custody.errors import InvalidError

# Longest free text of a form; the record's own limit is 16 KiB for everything together.
MAX_TEXT = 4000
_HEX = {"md5": 32, "sha1": 40, "sha256": 64}


class Fields:
    """The parameters of one act. Ask for each field, then call `done`, which raises if anything was wrong."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params
        self.errors: dict[str, str] = {}

    def text(self, name: str, label: str, *, most: int = 200, required: bool = True) -> str:
        """Return one text, trimmed; control characters other than line ends are refused."""
        value = self._params.get(name)
        if value is None or value == "":
            return self._missing(name, label) if required else ""
        if not isinstance(value, str):
            return self._wrong(name, f"{label} must be text.")
        value = value.strip()
        if required and not value:
            return self._missing(name, label)
        if len(value) > most:
            return self._wrong(name, f"{label} has {len(value)} characters; at most {most} fit.")
        if any(_is_control(c) for c in value):
            return self._wrong(name, f"{label} contains control characters; remove them.")
        return value

    def choice(self, name: str, label: str, choices: Iterable[str], *, required: bool = True) -> str:
        """Return one of a closed set of words."""
        value = self._params.get(name)
        if not value:
            return self._missing(name, label) if required else ""
        allowed = list(choices)
        if value not in allowed:
            return self._wrong(name, f"{label} must be one of: {', '.join(allowed)}.")
        return str(value)

    def several(self, name: str, label: str, choices: Iterable[str]) -> list[str]:
        """Return one or more of a closed set, sorted."""
        value = self._params.get(name)
        allowed = set(choices)
        if not isinstance(value, list) or not value:
            self._missing(name, label)
            return []
        if not all(isinstance(v, str) and v in allowed for v in value):
            self._wrong(name, f"{label} must be among: {', '.join(sorted(allowed))}.")
            return []
        return sorted(set(value))

    def moment(self, name: str, label: str) -> datetime:
        """Return an ISO 8601 date and time with offset, as UTC."""
        value = self._params.get(name)
        if not value:
            self._missing(name, label)
            return datetime.now(UTC)
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self._wrong(name, f"{label} must be a date and time like 2026-05-04T09:30:00+02:00.")
            return datetime.now(UTC)
        if found.tzinfo is None:
            self._wrong(name, f"{label} must carry its offset from UTC, like 2026-05-04T09:30:00+02:00.")
            return datetime.now(UTC)
        return found.astimezone(UTC)

    def day(self, name: str, label: str) -> date | None:
        """Return a date, or None when it is not given."""
        value = self._params.get(name)
        if not value:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self._wrong(name, f"{label} must be a date like 2026-05-04.")
            return None

    def whole(self, name: str, label: str, *, least: int = 0, most: int = 2**53 - 1) -> int:
        """Return a whole number within its bounds."""
        value = self._params.get(name)
        if value is None or value == "":
            self._missing(name, label)
            return least
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,17}", str(value)):
            self._wrong(name, f"{label} must be a whole number.")
            return least
        number = int(value)
        if not least <= number <= most:
            self._wrong(name, f"{label} must be between {least} and {most}.")
        return number

    def key(self, name: str, label: str) -> uuid.UUID:
        """Return the uuid of a thing."""
        value = self._params.get(name)
        try:
            return uuid.UUID(str(value))
        except ValueError:
            self._wrong(name, f"{label} must be chosen.")
            return uuid.UUID(int=0)

    def digests(self, name: str) -> dict[str, str]:
        """Return declared digests by algorithm, as lower-case hex of the right length."""
        value = self._params.get(name) or {}
        if not isinstance(value, dict):
            self._wrong(name, "Declared digests must be given by algorithm.")
            return {}
        found = {}
        for algorithm, text in value.items():
            if not text:
                continue
            digest = str(text).strip().lower()
            length = _HEX.get(str(algorithm))
            if length is None:
                self._wrong(
                    f"{name}.{algorithm}",
                    f"{algorithm} is not a digest we compare; give sha256, sha1 or md5.",
                )
            elif not re.fullmatch(rf"[0-9a-f]{{{length}}}", digest):
                self._wrong(f"{name}.{algorithm}", f"A declared {algorithm} has {length} hexadecimal digits.")
            else:
                found[str(algorithm)] = digest
        return found

    def done(self) -> None:
        """Raise InvalidError listing every field that is missing or wrong."""
        if self.errors:
            raise InvalidError(
                "Some fields are missing or wrong: " + " ".join(self.errors.values()), fields=self.errors
            )

    def _missing(self, name: str, label: str) -> str:
        return self._wrong(name, f"{label} is missing.")

    def _wrong(self, name: str, text: str) -> str:
        self.errors.setdefault(name, text)
        return ""


def _is_control(character: str) -> bool:
    return (
        (character < " " and character not in "\n\t") or character == "\x7f" or "\x80" <= character <= "\x9f"
    )


def utc(moment: datetime) -> str:
    """Write a time as a claim: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
