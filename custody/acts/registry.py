"""The acts that people sign, by the type of the record they write: the one list behind every door."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from custody.accounts.models import Person
from custody.acts import cases, erase, keys, notes, policy, receive, record, redact, suspect, transfer
from custody.acts.plan import Result
from custody.drafts import Draft
from custody.errors import InvalidError
from custody.ledger.append import Appended
from custody.proof.envelope import Signature

ACTS: dict[str, record.Planner] = {
    "case.open": cases.open_case,
    "case.assign": cases.assign,
    "case.close": cases.close_case,
    "authority.add": cases.add_authority,
    "authority.end": cases.end_authority,
    "item.intake": receive.intake,
    "transfer.offer": transfer.offer,
    "transfer.accept": transfer.accept,
    "transfer.refuse": transfer.refuse,
    "transfer.withdraw": transfer.withdraw,
    "transfer.approve": transfer.approve,
    "transfer.reject": transfer.reject,
    "redaction.plan": redact.plan,
    "redaction.release": redact.release,
    "note": notes.note,
    "correct": notes.correct,
    "erasure": erase.erase,
    "key.register": keys.register,
    "key.revoke": keys.revoke,
    "key.suspect": suspect.suspect,
    "policy.update": policy.update,
}


def prepare(person: Person, keyid: str, act: str, params: dict[str, Any], now: datetime) -> Draft:
    """Make the bytes that the person is asked to sign for this act."""
    planner = ACTS.get(act)
    if planner is None:
        raise InvalidError(f"There is no act {act!r} that people sign.", fields={"act": "Choose an act."})
    return record.prepare(person, keyid, act, planner, dict(params), now)


def sign(person: Person, draft_id: uuid.UUID, signature: Signature, now: datetime) -> tuple[Appended, Result]:
    """Carry out the act whose bytes this person signed."""
    draft = Draft.objects.filter(pk=draft_id, person=person).only("act").first()
    planner = ACTS[draft.act] if draft else cases.open_case
    return record.sign(person, draft_id, signature, planner, now)
