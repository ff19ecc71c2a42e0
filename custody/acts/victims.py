"""Register the people a case protects, and keep their names out of every free text.

Identifiers are sealed at once; what this file opens them for is to search for them, never to show them.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from custody import access
from custody.accounts.models import Person
from custody.acts.fields import Fields
from custody.errors import InvalidError, NotFoundError
from evidence import store
from evidence.cases import Case
from evidence.redaction.leak_check import scan_text
from evidence.redaction.leak_unpack import LayerLimitError
from evidence.redaction.registry import Kind, Protected
from evidence.sealed import SealedKeys, seal, unseal
from evidence.victims import Identifier, IdentifierKind, Victim

# Pseudonyms are drawn from these numbers at random: their order follows neither alphabet nor arrival.
PSEUDONYM_NUMBERS = range(1, 100)
MAX_IDENTIFIERS = 60


def register(person: Person, params: dict[str, Any], now: datetime) -> Victim:
    """Register a victim under a pseudonym; the identifiers are sealed under a key of their own."""
    fields = Fields(params)
    case = access.open_case(person, fields.key("case", "The case"), "victim.register")
    given = _identifiers(fields, params)
    fields.done()
    with transaction.atomic():
        # One registration at a time per case, so that no pseudonym is drawn twice.
        Case.objects.select_for_update().get(pk=case.pk)
        victim_id = uuid.uuid4()
        # A crash before the commit leaves a key that nothing was sealed with: harmless.
        store.sealed_keys().ensure(victim_id)
        victim = Victim.objects.create(
            uuid=victim_id,
            case=case,
            pseudonym=_pseudonym(case),
            created=now,
        )
        for kind, value in given:
            _seal(victim, kind, value, now)
    return victim


def add_identifiers(person: Person, victim_id: uuid.UUID, params: dict[str, Any], now: datetime) -> Victim:
    """Add identifiers to a victim already registered; existing redacted copies become stale by this."""
    victim = Victim.objects.filter(pk=victim_id, case__in=access.cases(person)).select_related("case").first()
    if victim is None:
        raise NotFoundError("The victim")
    access.open_case(person, victim.case_id, "victim.register")
    fields = Fields(params)
    given = _identifiers(fields, params)
    fields.done()
    with transaction.atomic():
        for kind, value in given:
            _seal(victim, kind, value, now)
    return victim


def _identifiers(fields: Fields, params: dict[str, Any]) -> list[tuple[str, str]]:
    rows = params.get("identifiers")
    if not isinstance(rows, list) or not rows:
        fields.errors["identifiers"] = "Give at least one identifier; without one nothing can be protected."
        return []
    if len(rows) > MAX_IDENTIFIERS:
        fields.errors["identifiers"] = f"At most {MAX_IDENTIFIERS} identifiers fit one victim at a time."
        return []
    found = []
    for number, row in enumerate(rows):
        inner = Fields(row if isinstance(row, dict) else {})
        kind = inner.choice("kind", "The kind", IdentifierKind.values)
        value = inner.text("value", "The identifier")
        for name, text in inner.errors.items():
            fields.errors[f"identifiers.{number}.{name}"] = text
        found.append((kind, value))
    return found


def _pseudonym(case: Case) -> str:
    taken = set(Victim.objects.filter(case=case).values_list("pseudonym", flat=True))
    free = [name for number in PSEUDONYM_NUMBERS if (name := f"Victim {number}") not in taken]
    if not free:
        return f"Victim {secrets.randbelow(900_000) + 100_000}"
    return secrets.choice(free)


def _seal(victim: Victim, kind: str, value: str, now: datetime) -> None:
    identifier_id = uuid.uuid4()
    sealed = seal(value, keyring=store.sealed_keys(), victim=victim.uuid, field=str(identifier_id))
    Identifier.objects.create(uuid=identifier_id, victim=victim, kind=kind, sealed=sealed, created=now)


def registry(case: Case) -> list[Protected]:
    """Open the case's identifiers for a search. The caller keeps them in memory only, while it searches."""
    keyring = store.sealed_keys()
    rows = Identifier.objects.filter(victim__case=case).select_related("victim")
    return [
        Protected(row.victim.pseudonym, Kind(row.kind), str(_open(row, keyring)))
        for row in rows.order_by("victim__pseudonym", "uuid")
    ]


def _open(row: Identifier, keyring: SealedKeys) -> object:
    return unseal(bytes(row.sealed), keyring=keyring, victim=row.victim_id, field=str(row.uuid))


def registry_digest(case: Case) -> str:
    """Return a digest of which identifiers are registered; it changes as the registry does."""
    rows = Identifier.objects.filter(victim__case=case).order_by("uuid").values_list("uuid", flat=True)
    return hashlib.sha256("\n".join(str(row) for row in rows).encode()).hexdigest()


def refuse_names(case: Case, texts: dict[str, str]) -> None:
    """Refuse free text that names a victim of the case, and say which field and which pseudonym to write."""
    protected = registry(case)
    if not protected:
        return
    errors = {}
    for field, text in texts.items():
        try:
            named = scan_text(text, protected) if text else []
        except LayerLimitError:
            errors[field] = "This text is encoded in too many layers to be read; write it plainly."
            continue
        if named:
            who = ", ".join(sorted(set(named)))
            errors[field] = (
                f"This text identifies {who}. Write the pseudonym instead; the record cannot forget. "
                "If it is an ordinary word here, choose another one."
            )
    if errors:
        raise InvalidError("A text names a person this case protects.", fields=errors, code="names_victim")
