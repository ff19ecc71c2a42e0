"""Make a redacted copy: planned by an examiner, made and checked by a machine, released by a second person.

The copy is a new object with its own digest. What the leak check did not pass is quarantined; what it
could not look at (the pixels of a picture) the second person must decide about, with a reason.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from custody import access, bell, jobs
from custody.accounts.models import Person
from custody.acts import record
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan, Result, filled
from custody.acts.victims import refuse_names, registry_digest
from custody.errors import ConflictError, InvalidError, NotAllowedError
from custody.ledger.append import Appended
from custody.ledger.history import leaf_of
from custody.proof.records import RecordType
from evidence.derivatives import Derivative, DerivativeState
from evidence.items import Item, ItemClass, ItemState, StoredObject

RECIPE = "identifiers/v1"


@dataclass(frozen=True)
class Made:
    """What the worker made of a plan: the stored copy and what checker and redactor said of it."""

    stored: StoredObject
    sha256: str
    filename: str
    content_type: str
    tool: str
    hits: list[dict[str, Any]]
    remarks: list[str]
    leak_check: dict[str, Any]


def plan(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """An examiner asks for a redacted copy of an item."""
    fields = Fields(params)
    item = access.item(person, fields.key("item", "The exhibit"), "redaction.plan", lock=True)
    fields.done()
    access.open_case(person, item.case_id, "redaction.plan")
    access.require_authority(item.authority, item.category, now)
    if item.state != ItemState.SEALED:
        raise ConflictError("A quarantined exhibit is not redacted.")
    if item.item_class == ItemClass.CONTRABAND:
        raise NotAllowedError("Contraband imagery never gets a derivative.", code="contraband")
    if Derivative.objects.filter(
        item=item, state__in=[DerivativeState.PLANNED, DerivativeState.MADE]
    ).exists():
        raise ConflictError("A redacted copy of this exhibit is in work or waits for its release already.")
    derivative_id = uuid.UUID(params.setdefault("derivative", str(uuid.uuid4())))

    def apply(entry: Appended) -> Result:
        Derivative.objects.create(
            uuid=derivative_id, item=item, recipe=RECIPE, planner=person, plan_entry=entry.index, created=now
        )
        _touch(item, entry)
        job = jobs.add(kind=jobs.JobKind.REDACTION, subject=derivative_id, recipe=RECIPE, now=now)
        bell.ring_job_on_commit(job.pk)
        return {"derivative": str(derivative_id)}

    claims = {
        "derivative": str(derivative_id),
        "exhibit": item.exhibit_number,
        "recipe": RECIPE,
        "parent_sha256": item.sha256,
        "by": person.identity(),
    }
    summary = (("Make a redacted copy of", item.exhibit_number), ("Recipe", RECIPE), ("SHA-256", item.sha256))
    return Plan(
        type=RecordType.REDACTION_PLAN,
        case=item.case_id,
        items=(item.uuid,),
        claims=claims,
        summary=summary,
        apply=apply,
    )


def made(derivative_id: uuid.UUID, result: Made, searched: str, now: datetime) -> None:
    """Record the copy that the worker made; with a leak check that did not pass it is quarantined.

    `searched` is the digest of the registry that was searched: when it changed meanwhile, the copy is stale.
    """
    with transaction.atomic():
        derivative = _working(derivative_id)
        if derivative is None:
            return
        item = derivative.item
        passed = bool(result.leak_check.get("passed")) and searched == registry_digest(item.case)
        state = DerivativeState.MADE if passed else DerivativeState.QUARANTINED

        def apply(entry: Appended) -> Result:
            result.stored.save(force_insert=True)
            Derivative.objects.filter(pk=derivative.pk).update(
                state=state,
                stored=result.stored,
                sha256=result.sha256,
                size=result.stored.size,
                filename=result.filename,
                content_type=result.content_type,
                tool=result.tool,
                hits=result.hits,
                remarks=result.remarks,
                leak_check=result.leak_check,
                registry_digest=searched,
                problem="" if passed else "The leak check did not pass; the copy does not leave.",
                made_entry=entry.index,
            )
            _touch(item, entry)
            return {}

        claims = filled(
            {
                "derivative": str(derivative.uuid),
                "exhibit": item.exhibit_number,
                "parent_sha256": item.sha256,
                "sha256": result.sha256,
                "size": result.stored.size,
                "content_type": result.content_type,
                "recipe": derivative.recipe,
                "tool": result.tool,
                "replacements": len(result.hits),
                "leak_check": "passed" if passed else "not passed",
                "checkers": result.leak_check.get("engines", []),
                "remarks": result.remarks,
            }
        )
        plan_ = Plan(
            type=RecordType.DERIVATIVE_MAKE,
            case=item.case_id,
            items=(item.uuid,),
            refs=(leaf_of(derivative.plan_entry),),
            claims=claims,
            apply=apply,
        )
        record.by_service(plan_, now)


def cannot(derivative_id: uuid.UUID, reason: str) -> None:
    """The worker could not redact this kind of file: the plan ends refused, in words. Nothing leaves."""
    Derivative.objects.filter(pk=derivative_id, state=DerivativeState.PLANNED).update(
        state=DerivativeState.REFUSED, problem=reason
    )


def release(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A second person releases or withholds the copy; pixels nobody examined need a reason of their own."""
    fields = Fields(params)
    derivative = access.derivative(
        person, fields.key("derivative", "The redacted copy"), "redaction.release", lock=True
    )
    decision = fields.choice("decision", "The decision", ["release", "withhold"])
    reason = fields.text("reason", "The reason", most=MAX_TEXT, required=decision == "withhold")
    pixels = fields.text("pixels_reason", "The decision about the pixels", most=MAX_TEXT, required=False)
    item = derivative.item
    access.open_case(person, item.case_id, "redaction.release")
    if derivative.state != DerivativeState.MADE:
        label = DerivativeState(derivative.state).label
        raise ConflictError(f"This copy is {label}; there is nothing to decide.", code="derivative_state")
    if derivative.planner_id == person.pk:
        raise NotAllowedError("Whoever planned a redaction cannot release it.", code="own_redaction")
    if decision == "release":
        _require_releasable(fields, derivative, pixels)
    fields.done()
    refuse_names(item.case, {"reason": reason, "pixels_reason": pixels})
    state = DerivativeState.RELEASED if decision == "release" else DerivativeState.WITHHELD

    def apply(entry: Appended) -> Result:
        Derivative.objects.filter(pk=derivative.pk).update(
            state=state,
            decider=person,
            decision_reason="\n".join(filter(None, [reason, pixels])),
            decision_entry=entry.index,
        )
        _touch(item, entry)
        return {"derivative": str(derivative.uuid), "state": state}

    claims = filled(
        {
            "derivative": str(derivative.uuid),
            "exhibit": item.exhibit_number,
            "decision": decision,
            "sha256": derivative.sha256,
            "reason": reason,
            "pixels_reason": pixels,
            "by": person.identity(),
        }
    )
    summary = (
        ("Release" if decision == "release" else "Withhold", f"redacted copy of {item.exhibit_number}"),
        ("SHA-256 of the copy", derivative.sha256),
        ("Replacements", str(len(derivative.hits))),
    )
    return Plan(
        type=RecordType.REDACTION_RELEASE,
        case=item.case_id,
        items=(item.uuid,),
        refs=(leaf_of(derivative.made_entry or 0),),
        claims=claims,
        summary=summary,
        apply=apply,
    )


def _require_releasable(fields: Fields, derivative: Derivative, pixels: str) -> None:
    if not derivative.leak_check.get("passed"):
        raise ConflictError("The leak check did not pass; this copy cannot be released.", code="leak_check")
    if derivative.registry_digest != registry_digest(derivative.item.case):
        raise ConflictError(
            "Identifiers were registered after this copy was made; make a new copy.", code="derivative_stale"
        )
    if derivative.pixels_not_examined and not pixels:
        raise InvalidError(
            "The pixels of this picture were not examined. Look at the copy and say why it may leave.",
            fields={
                "pixels_reason": "Say why the picture may be released although its pixels were not examined."
            },
            code="pixels",
        )


def _working(derivative_id: uuid.UUID) -> Derivative | None:
    """Lock the item first, then read the derivative; None when its plan was carried out already."""
    row = Derivative.objects.filter(pk=derivative_id).values_list("item_id", flat=True).first()
    Item.objects.select_for_update().filter(pk=row or uuid.UUID(int=0)).first()
    found = Derivative.objects.select_related("item__case").filter(pk=derivative_id).first()
    return found if found is not None and found.state == DerivativeState.PLANNED else None


def _touch(item: Item, entry: Appended) -> None:
    Item.objects.filter(pk=item.pk).update(last_entry=entry.index)
