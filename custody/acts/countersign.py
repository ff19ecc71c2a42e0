"""Further signatures on a draft: of other administrators, where the log demands several, and of a holder's old key.

They are kept beside the draft until its author signs; then all go into the one record. Who must sign is
custody/proof/countersigned.py's rule, which every verifier applies; here it is asked before anything is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import Role
from custody.acts.signing import registered_key, verified
from custody.drafts import Countersignature, Draft
from custody.errors import ConflictError, NotAllowedError, NotFoundError, StaleError
from custody.ledger import history, sites
from custody.proof import records
from custody.proof.countersigned import COUNTERSIGNED
from custody.proof.envelope import Signature
from custody.proof.passkey import Assertion
from custody.proof.records import RecordType

ACTS = frozenset(str(kind) for kind in COUNTERSIGNED)


def waiting_for(person: Person, now: datetime) -> QuerySet[Draft]:
    """Return the drafts of others that this person can sign too, and has not."""
    drafts = Draft.objects.filter(act__in=ACTS, expires__gt=now).exclude(person=person)
    drafts = drafts.exclude(countersignatures__key__person=person)
    if person.role == Role.ADMINISTRATOR and sites.in_force().enrollers > 1:
        return drafts
    return drafts.filter(second_person=person, second_signature__isnull=False)


def countersign(person: Person, draft_id: uuid.UUID, signature: Signature, now: datetime) -> None:
    """Keep this person's signature over somebody else's draft, until its author signs."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(pk=draft_id, act__in=ACTS).first()
        if draft is None or draft.person_id == person.pk:
            raise NotFoundError("The draft")
        if draft.expires < now:
            raise StaleError(
                "The draft has run out; its author has to prepare it again.", code="draft_expired"
            )
        if person.role != Role.ADMINISTRATOR and draft.second_person_id != person.pk:
            raise NotAllowedError("Only administrators, and the holder of the key, sign this.")
        key = registered_key(person, signature.keyid)
        if draft.countersignatures.filter(key__person=person).exists():
            raise ConflictError("You have signed this already.", code="signed_already")
        verified(key, signature, bytes(draft.payload))
        Countersignature.objects.create(
            draft=draft,
            key=key,
            signature=signature.sig,
            assertion=signature.assertion.to_json() if signature.assertion else None,
            made=now,
        )


def collected(draft: Draft) -> list[Signature]:
    """Return what others have signed, checked again: of keys that were revoked meanwhile nothing counts."""
    payload, found = bytes(draft.payload), []
    for row in _counting(draft):
        assertion = Assertion.from_json(row.assertion) if row.assertion else None
        found.append(verified(row.key, Signature(row.key.pk, bytes(row.signature), assertion), payload))
    return found


def missing(draft: Draft) -> int:
    """Return how many administrators must sign yet, beside the draft's author."""
    if draft.act not in ACTS:
        return 0
    signed = [draft.keyid, *(row.key.pk for row in _counting(draft))]
    return max(0, sites.in_force().enrollers - _administrators(signed))


def check_enough(kind: RecordType, keyids: Iterable[str]) -> None:
    """Refuse a record that fewer administrators have signed than the log demands."""
    if kind not in COUNTERSIGNED:
        return
    demanded, there = sites.in_force().enrollers, _administrators(keyids)
    if there < demanded:
        raise ConflictError(
            f"The log demands the signatures of {demanded} administrators; {there} would have signed. Another "
            "administrator finds this under \u201cSigned together\u201d.",
            code="administrators_missing",
        )


def administrators() -> int:
    """Return how many administrators could sign now: active, with a registered key."""
    keys = SigningKey.objects.filter(state=KeyState.REGISTERED, person__is_active=True)
    return _administrators(keys.filter(person__role=Role.ADMINISTRATOR).values_list("pk", flat=True))


def _counting(draft: Draft) -> QuerySet[Countersignature]:
    return draft.countersignatures.filter(key__state=KeyState.REGISTERED).select_related("key", "key__person")


def _administrators(keyids: Iterable[str]) -> int:
    actors = [history.actor(keyid) for keyid in keyids]
    return len({actor.person for actor in actors if records.Role.ADMINISTRATOR in actor.roles})
