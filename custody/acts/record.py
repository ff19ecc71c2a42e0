"""Turns a plan into a record that stands: built, judged by the chain's rules, signed, appended, applied.

`prepare` and `sign` are the way of people, whose keys we do not have; `by_service` is the way of machines.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from custody import bell
from custody.accounts.models import Person, SigningKey
from custody.acts import countersign
from custody.acts.plan import Plan, Result
from custody.acts.signing import registered_key, verified
from custody.drafts import LIFETIME, LIFETIME_OF_SEVERAL, Draft
from custody.errors import ConflictError, InvalidError, NotFoundError, StaleError
from custody.ledger import history, publish, sites
from custody.ledger.append import Appended, append, hold
from custody.ledger.keys import log_origin, service_key
from custody.proof import chain, digests, envelope, records, rules
from custody.proof.errors import ChainError, MalformedError
from custody.proof.passkey import Assertion

Planner = Callable[[Person, dict[str, Any], datetime], Plan]


def prepare(
    person: Person, keyid: str, act: str, planner: Planner, params: dict[str, Any], now: datetime
) -> Draft:
    """Decide, build the exact bytes, keep them with their openings until the signature comes."""
    with transaction.atomic():
        key = registered_key(person, keyid)
        plan = planner(person, params, now)
        openings = [records.make_opening(name, value) for name, value in plan.claims.items()]
        payload = _payload(plan, key.keyid, openings, now)
        _judge(records.parse(payload), key.keyid)
        return Draft.objects.create(
            person=person,
            keyid=key.keyid,
            act=act,
            params=params,
            payload=payload,
            openings=[_opening_json(o) for o in openings],
            summary=[{"label": label, "value": value} for label, value in plan.summary],
            second_person=plan.prover[0] if plan.prover else None,
            second_keyid=plan.prover[1] if plan.prover else "",
            created=now,
            expires=now + _lifetime(act),
        )


def sign(
    person: Person, draft_id: uuid.UUID, signature: envelope.Signature, planner: Planner, now: datetime
) -> tuple[Appended, Result]:
    """Plan again under the lock, compare with what was signed, verify, append, apply.

    Raises StaleError when somebody acted meanwhile: nothing was written, prepare again.
    """
    with transaction.atomic():
        draft = _draft(person, draft_id, now)
        key = registered_key(person, signature.keyid)
        if key.keyid != draft.keyid:
            raise InvalidError("This draft was prepared for another of your keys; prepare it again.")
        plan = planner(person, draft.params, now)
        payload, openings = bytes(draft.payload), [_opening_of(o) for o in draft.openings]
        _compare(plan, records.parse(payload), openings)
        # Where passkeys may be used must not change between the check and the append.
        hold()
        made = [verified(key, signature, payload), *countersign.collected(draft)]
        countersign.check_enough(plan.type, [one.keyid for one in made])
        if plan.prover:
            made.append(_proof_of_possession(draft, payload))
        appended = _write(plan, payload, made, openings)
        result = plan.apply(appended)
        draft.delete()
        return appended, result


def prove_possession(
    person: Person, draft_id: uuid.UUID, signature: envelope.Signature, now: datetime
) -> None:
    """Keep the new key's own signature over its registration, until the officer signs too."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(pk=draft_id, second_person=person).first()
        if draft is None or draft.expires < now:
            raise NotFoundError("The draft")
        key = SigningKey.objects.filter(pk=signature.keyid, person=person).first()
        if key is None or key.keyid != draft.second_keyid:
            raise InvalidError("This registration is of another key.")
        verified(key, signature, bytes(draft.payload))
        draft.second_signature = signature.sig
        draft.second_assertion = signature.assertion.to_json() if signature.assertion else None
        draft.save(update_fields=["second_signature", "second_assertion"])


def by_service(plan: Plan, now: datetime) -> tuple[Appended, Result]:
    """Record an act of the machine, signed with the enrolled service key, in the caller's transaction."""
    key = service_key()
    openings = [records.make_opening(name, value) for name, value in plan.claims.items()]
    payload = _payload(plan, key.keyid, openings, now)
    made = [envelope.Signature(key.keyid, key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)))]
    appended = _write(plan, payload, made, openings)
    return appended, plan.apply(appended)


def _lifetime(act: str) -> timedelta:
    several = act in countersign.ACTS and sites.in_force().enrollers > 1
    return LIFETIME_OF_SEVERAL if several else LIFETIME


def _draft(person: Person, draft_id: uuid.UUID, now: datetime) -> Draft:
    draft = Draft.objects.select_for_update().filter(pk=draft_id, person=person).first()
    if draft is None:
        raise NotFoundError("The draft")
    if draft.expires < now:
        raise StaleError("The draft has run out; prepare it again.", code="draft_expired")
    return draft


def _payload(plan: Plan, keyid: str, openings: list[records.Opening], now: datetime) -> bytes:
    heads = history.heads(plan.items)
    subjects = tuple(
        records.Subject(item=item, seq=heads[item].seq + 1, prev=heads[item].leaf) for item in plan.items
    )
    try:
        return records.build(
            log=log_origin(),
            type=plan.type,
            time=now.replace(microsecond=0),
            actor=keyid,
            case=plan.case,
            subjects=subjects,
            seen=publish.newest_seen(),
            refs=plan.refs,
            openings=openings,
            extra=plan.extra,
        )
    except MalformedError as error:
        raise InvalidError(f"This cannot be recorded as it stands: {error}") from error


def _compare(plan: Plan, record: records.Record, openings: list[records.Opening]) -> None:
    heads = history.heads(plan.items)
    wanted = tuple((item, heads[item].seq + 1, heads[item].leaf) for item in plan.items)
    there = tuple((s.item, s.seq, s.prev) for s in record.subjects)
    claims = {o.field: o.value for o in openings}
    same = (record.type, record.case, record.refs, record.extra) == (
        plan.type,
        plan.case,
        tuple(plan.refs),
        plan.extra,
    )
    if not same or wanted != there or claims != plan.claims:
        raise StaleError("Somebody else acted on this since you prepared it; prepare and sign it again.")


def _proof_of_possession(draft: Draft, payload: bytes) -> envelope.Signature:
    if draft.second_signature is None:
        raise ConflictError("The holder of the new key has not signed yet.", code="possession_missing")
    key = SigningKey.objects.get(pk=draft.second_keyid)
    assertion = Assertion.from_json(draft.second_assertion) if draft.second_assertion else None
    return verified(key, envelope.Signature(key.keyid, bytes(draft.second_signature), assertion), payload)


def _judge(record: records.Record, keyid: str) -> None:
    """Let the rules that every verifier applies decide now, so that nothing enters that later fails."""
    actor = history.actor(keyid)
    try:
        rules.check_role(record.type, actor.roles)
        for subject in record.subjects:
            chain.step(history.item_state(subject.item), record, history.PENDING_LEAF, actor)
    except ChainError as error:
        raise ConflictError(str(error), code=error.code) from error


def _write(
    plan: Plan, payload: bytes, made: list[envelope.Signature], openings: list[records.Opening]
) -> Appended:
    _judge(records.parse(payload), made[0].keyid)
    appended = append(envelope.seal(payload, made), openings)
    bell.ring_publish_on_commit()
    return appended


def _opening_json(opening: records.Opening) -> dict[str, Any]:
    return {"field": opening.field, "salt": digests.b64(opening.salt), "value": opening.value}


def _opening_of(value: dict[str, Any]) -> records.Opening:
    return records.Opening(field=value["field"], salt=digests.unb64(value["salt"]), value=value["value"])
