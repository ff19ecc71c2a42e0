"""What an act has decided to write: a record's content and the rows that go with it.

An act plans twice: once to prepare the bytes a person signs, once more under the row's lock when the
signature arrives. Only if both plans say the same is anything written.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from custody.accounts.models import Person
from custody.ledger.append import Appended
from custody.proof.records import RecordType

# Result of an act for its door: JSON only.
Result = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """One record to be: its members, the claims it commits to, and `apply`, which writes the rows."""

    type: RecordType
    apply: Callable[[Appended], Result]
    case: uuid.UUID | None = None
    items: tuple[uuid.UUID, ...] = ()
    refs: tuple[bytes, ...] = ()
    claims: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    # What the signer reads before signing: (label, value), in the order of the page.
    summary: tuple[tuple[str, str], ...] = ()
    # key.register only: the person whose new key must prove possession first, and that key.
    prover: tuple[Person, str] | None = None


def filled(claims: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not given: a claim that says nothing is no claim."""
    return {name: value for name, value in claims.items() if value not in ("", None, [], {})}
