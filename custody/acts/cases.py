"""Open, staff and close cases; add and end legal authorities. Each is a record signed by a person."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.acts.fields import MAX_TEXT, Fields, utc
from custody.acts.plan import Plan, Result, filled
from custody.errors import ConflictError, InvalidError
from custody.ledger.append import Appended
from custody.proof.records import RecordType
from evidence.cases import Assignment, AuthorityKind, Case, CaseStatus, DataCategory, LegalAuthority


def open_case(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor opens a case of their unit under a number and a neutral title."""
    access.require_role(person, "case.open")
    fields = Fields(params)
    number = fields.text("number", "The case number", most=60)
    title = fields.text("title", "The title")
    offence = fields.text("offence", "The offence")
    restricted = bool(params.get("restricted", True))
    fields.done()
    if Case.objects.filter(number=number).exists():
        raise ConflictError(f"A case with the number {number} exists already.", code="case_number")
    # The id is drawn when the draft is made and kept with it, so that the signed bytes name it.
    case_id = uuid.UUID(params.setdefault("case", str(uuid.uuid4())))

    def apply(entry: Appended) -> Result:
        Case.objects.create(
            uuid=case_id,
            number=number,
            title=title,
            offence=offence,
            unit=person.unit,
            restricted=restricted,
            opened_at=now,
            last_entry=entry.index,
        )
        return {"case": str(case_id)}

    return Plan(
        type=RecordType.CASE_OPEN,
        case=case_id,
        apply=apply,
        claims=filled(
            {
                "number": number,
                "title": title,
                "offence": offence,
                "unit": person.unit,
                "restricted": restricted,
                "by": person.identity(),
            }
        ),
        summary=(("Open case", number), ("Title", title), ("Offence", offence)),
    )


def assign(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor puts a person on the case, or takes them off it with `end`."""
    fields = Fields(params)
    case = access.open_case(person, fields.key("case", "The case"), "case.assign")
    who = Person.objects.filter(uuid=fields.key("person", "The person"), is_active=True).first()
    fields.done()
    if who is None or who.role in {Role.ADMINISTRATOR, Role.SERVICE}:
        raise InvalidError(
            "This person cannot be assigned to a case.", fields={"person": "Choose another person."}
        )
    ends = bool(params.get("end", False))
    current = Assignment.objects.filter(case=case, person=who, until_entry__isnull=True).first()
    if ends and current is None:
        raise ConflictError(f"{who.name} is not assigned to {case.number}.")
    if not ends and current is not None:
        raise ConflictError(f"{who.name} is assigned to {case.number} already.")

    def apply(entry: Appended) -> Result:
        if current is not None:
            Assignment.objects.filter(pk=current.pk).update(until_entry=entry.index)
        else:
            Assignment.objects.create(case=case, person=who, since_entry=entry.index)
        return {"case": str(case.uuid), "person": str(who.uuid)}

    act = "Take off the case" if ends else "Assign to the case"
    return Plan(
        type=RecordType.CASE_ASSIGN,
        case=case.uuid,
        apply=apply,
        claims={"person": who.identity(), "act": "end" if ends else "begin", "by": person.identity()},
        summary=((act, f"{who.name}, {Role(who.role).label}"), ("Case", case.number)),
    )


def close_case(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """A supervisor closes a case: nothing is taken in, examined or moved under it any more."""
    fields = Fields(params)
    case = access.open_case(person, fields.key("case", "The case"), "case.close")
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()

    def apply(entry: Appended) -> Result:
        Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED, last_entry=entry.index)
        return {"case": str(case.uuid)}

    return Plan(
        type=RecordType.CASE_CLOSE,
        case=case.uuid,
        apply=apply,
        claims={"reason": reason, "by": person.identity()},
        summary=(("Close case", case.number), ("Reason", reason)),
    )


def add_authority(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """Enter the warrant, order or consent that the work rests on."""
    fields = Fields(params)
    case = access.open_case(person, fields.key("case", "The case"), "authority.add")
    kind = fields.choice("kind", "The kind of authority", AuthorityKind.values)
    issuer = fields.text("issuer", "The issuing authority")
    reference = fields.text("reference", "The reference", most=120)
    scope = fields.text("scope", "The scope", most=MAX_TEXT)
    categories = fields.several("categories", "The categories of data covered", DataCategory.values)
    begins, ends = fields.moment("valid_from", "Valid from"), fields.moment("valid_until", "Valid until")
    if not fields.errors and ends <= begins:
        fields.errors["valid_until"] = "Valid until must be later than valid from."
    fields.done()
    authority_id = uuid.UUID(params.setdefault("authority", str(uuid.uuid4())))

    def apply(entry: Appended) -> Result:
        LegalAuthority.objects.create(
            uuid=authority_id,
            case=case,
            kind=kind,
            issuer=issuer,
            reference=reference,
            scope=scope,
            categories=categories,
            valid_from=begins,
            valid_until=ends,
            last_entry=entry.index,
        )
        return {"authority": str(authority_id)}

    claims = {
        "authority": str(authority_id),
        "kind": kind,
        "issuer": issuer,
        "reference": reference,
        "scope": scope,
        "categories": categories,
        "valid_from": utc(begins),
        "valid_until": utc(ends),
        "by": person.identity(),
    }
    summary = (
        ("Legal authority", f"{AuthorityKind(kind).label} {reference}"),
        ("Issued by", issuer),
        ("Covers", ", ".join(str(DataCategory(c).label) for c in categories)),
        ("Valid", f"{utc(begins)} to {utc(ends)}"),
    )
    return Plan(type=RecordType.AUTHORITY_ADD, case=case.uuid, apply=apply, claims=claims, summary=summary)


def end_authority(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """End an authority before its time (revoked, consent withdrawn): what rests on it is frozen."""
    fields = Fields(params)
    authority = access.authority(person, fields.key("authority", "The authority"), "authority.end")
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()
    if authority.ended_at is not None:
        raise ConflictError("This authority was ended already.")

    def apply(entry: Appended) -> Result:
        LegalAuthority.objects.filter(pk=authority.pk).update(ended_at=now, last_entry=entry.index)
        return {"authority": str(authority.uuid)}

    return Plan(
        type=RecordType.AUTHORITY_END,
        case=authority.case_id,
        apply=apply,
        claims={"authority": str(authority.uuid), "reason": reason, "by": person.identity()},
        summary=(("End authority", str(authority)), ("Reason", reason)),
    )
