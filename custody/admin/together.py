"""What several administrators sign: the records that wait, and how many must sign an enrolment."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from custody.accounts.models import KeyState, Person
from custody.accounts.roles import Role
from custody.acts import countersign
from custody.acts.policy import in_words
from custody.drafts import Draft
from custody.ledger import sites
from custody.proof.stated_policy import MAX_ENROLLERS

ROLES = frozenset({Role.ADMINISTRATOR})


def state(person: Person) -> dict[str, Any]:
    """Return what the page shows."""
    policy, demanded, there = sites.stated_policy(), sites.in_force().enrollers, countersign.administrators()
    numbers = [number for number in range(1, min(there, MAX_ENROLLERS) + 1) if number != max(demanded, 1)]
    return {
        "waiting": [_shown(person, draft) for draft in _drafts()],
        "demanded": max(demanded, 1),
        "demanded_words": in_words(demanded),
        "is_fixed": demanded == 0,
        "there": there,
        "choices": [
            {"number": number, "words": in_words(number), "policy": sites.with_enrollers(policy, number)}
            for number in numbers
        ],
        "has_key": person.keys.filter(state=KeyState.REGISTERED).exists(),
    }


def waits(person: Person) -> int:
    """Count the records that wait for this person's signature."""
    shown = (_shown(person, draft) for draft in _drafts())
    return sum(one["is_complete"] if one["is_mine"] else not one["has_signed"] for one in shown)


def _drafts() -> list[Draft]:
    """All that waits for several; nothing where one is enough."""
    if sites.in_force().enrollers < 2:
        return []
    return list(
        Draft.objects.filter(act__in=countersign.ACTS, expires__gt=timezone.now())
        .select_related("person", "second_person")
        .order_by("created")
    )


def _shown(person: Person, draft: Draft) -> dict[str, Any]:
    signed = list(draft.countersignatures.select_related("key__person"))
    missing = countersign.missing(draft)
    holder_missing = bool(draft.second_keyid) and draft.second_signature is None
    return {
        "draft": draft,
        "is_mine": draft.person_id == person.pk,
        "has_signed": any(row.key.person_id == person.pk for row in signed),
        "signed": [row.key.person.name for row in signed],
        "missing": missing,
        "holder_missing": holder_missing,
        "is_complete": not holder_missing and missing == 0,
    }
