"""Make and keep accounts: create, deactivate, release a lock, enter training, passwords.

Accounts are no part of the permanent ledger, keys are (keys.py); every change here is a row of the access
log. The role is chosen once: a key is enrolled in a role, and one person does not collect several.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from custody.accounts.models import ApiToken, Person, note_access
from custody.accounts.roles import Role
from custody.acts.fields import MAX_TEXT, Fields
from custody.drafts import Draft
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

# Letters and digits that cannot be taken for one another; four groups of five carry 99 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GIVEN_ROLES = [role.value for role in Role if role != Role.SERVICE]


@dataclass(frozen=True)
class Door:
    """Who asks, from where, and when."""

    administrator: Person
    source: str
    now: datetime


def create(door: Door, params: dict[str, Any]) -> tuple[Person, str]:
    """Make an account; its password is returned once and kept nowhere but as its hash."""
    _require_administrator(door)
    fields = Fields(params)
    username = fields.text("username", "The user name", most=60)
    name = fields.text("name", "The name", most=120)
    role = fields.choice("role", "The role", GIVEN_ROLES)
    # A supervisor sees the cases of their unit: without one they would see those of nobody's.
    unit = fields.text("unit", "The unit", most=120, required=role == Role.SUPERVISOR)
    given = {
        "title": fields.text("title", "The rank or title", most=120, required=False),
        "badge": fields.text("badge", "The ID number", most=60, required=False),
        "agency": fields.text("agency", "The agency", most=160),
        "email": fields.text("email", "The e-mail address", most=254, required=False),
    }
    training = fields.day("training_until", "The training certificate's last day")
    if username and Person.objects.filter(username=username).exists():
        fields.errors["username"] = f"The user name {username} is taken."
    fields.done()
    password = make_password()
    with transaction.atomic():
        person = Person(
            username=username,
            name=name,
            role=role,
            unit=unit,
            training_until=training,
            zone=settings.DEFAULT_VIEWER_ZONE,
            **given,
        )
        person.set_password(password)
        person.save(force_insert=True)
        _note(door, "account.create", person, f"role {role}")
    return person, password


def deactivate(door: Door, person_id: uuid.UUID, params: dict[str, Any]) -> Person:
    """Stop an account from logging on, at once; its keys stay registered until they are revoked."""
    with transaction.atomic():
        person = _person(door, person_id)
        reason = _reason(params)
        if person.pk == door.administrator.pk:
            raise ConflictError("Nobody deactivates their own account; ask another administrator.")
        if not person.is_active:
            raise ConflictError(f"The account of {person.name} is deactivated already.")
        Person.objects.filter(pk=person.pk).update(is_active=False)
        _end_sessions(person)
        _note(door, "account.deactivate", person, reason)
    return person


def activate(door: Door, person_id: uuid.UUID, params: dict[str, Any]) -> Person:
    """Let a deactivated account log on again."""
    with transaction.atomic():
        person = _person(door, person_id)
        reason = _reason(params)
        if person.is_active:
            raise ConflictError(f"The account of {person.name} is active.")
        Person.objects.filter(pk=person.pk).update(is_active=True)
        _note(door, "account.activate", person, reason)
    return person


def release_lock(door: Door, person_id: uuid.UUID, params: dict[str, Any]) -> Person:
    """Let somebody try again whose account was locked after too many failures (CJIS AC-7)."""
    with transaction.atomic():
        person = _person(door, person_id)
        reason = _reason(params)
        if person.locked_at is None:
            raise ConflictError(f"The account of {person.name} is not locked.")
        Person.objects.filter(pk=person.pk).update(locked_at=None, failures=0, first_failure=None)
        _note(door, "account.release", person, reason)
    return person


def set_training(door: Door, person_id: uuid.UUID, params: dict[str, Any]) -> Person:
    """Enter until when the training certificate counts; without a date there is none."""
    with transaction.atomic():
        person = _person(door, person_id)
        fields = Fields(params)
        until = fields.day("training_until", "The training certificate's last day")
        fields.done()
        Person.objects.filter(pk=person.pk).update(training_until=until)
        said = until.isoformat() if until else "none"
        _note(door, "account.training", person, f"training until {said}")
    return person


def give_password(door: Door, person_id: uuid.UUID, params: dict[str, Any]) -> tuple[Person, str]:
    """Give a new password to somebody who lost theirs; signing keys are not touched by it."""
    with transaction.atomic():
        person = _person(door, person_id)
        reason = _reason(params)
        if person.pk == door.administrator.pk:
            raise ConflictError("Change your own password under 'Change password'.")
        password = make_password()
        person.set_password(password)
        person.save(update_fields=["password"])
        _end_sessions(person)
        _note(door, "account.password", person, reason)
    return person, password


def change_own_password(person: Person, params: dict[str, Any], source: str, now: datetime) -> None:
    """Change one's own password, which the old one and the rules for passwords allow."""
    old, new = str(params.get("old", "")), str(params.get("new", ""))
    errors = {}
    if not person.check_password(old):
        errors["old"] = "This is not your present password."
    if new != params.get("again"):
        errors["again"] = "The two do not agree."
    try:
        password_validation.validate_password(new, person)
    except ValidationError as error:
        errors["new"] = " ".join(error.messages)
    if errors:
        raise InvalidError("The password was not changed.", fields=errors)
    with transaction.atomic():
        person.set_password(new)
        person.save(update_fields=["password"])
        _end_sessions(person)
        _note(Door(person, source, now), "account.password", person, "changed by the person")


def make_password() -> str:
    """Return a password that can be read out and typed."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def _require_administrator(door: Door) -> None:
    if not door.administrator.is_active or door.administrator.role != Role.ADMINISTRATOR:
        raise NotAllowedError("Only administrators keep accounts.")


def _person(door: Door, person_id: uuid.UUID) -> Person:
    """Lock and return somebody's account. The machines' own is nobody's to change here."""
    _require_administrator(door)
    rows = Person.objects.select_for_update().exclude(role=Role.SERVICE)
    found = rows.filter(uuid=person_id).first()
    if found is None:
        raise NotFoundError("The account")
    return found


def _reason(params: dict[str, Any]) -> str:
    fields = Fields(params)
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    if not reason:
        raise InvalidError("Give a reason; it stands in the access log.", fields=fields.errors)
    return reason


def _end_sessions(person: Person) -> None:
    """Page sessions end by themselves (inactive, or another password); tokens and drafts must be taken."""
    ApiToken.objects.filter(person=person).delete()
    Draft.objects.filter(person=person).delete()


def _note(door: Door, act: str, person: Person, justification: str) -> None:
    note_access(
        person=door.administrator,
        act=act,
        now=door.now,
        object_kind="person",
        object_id=person.uuid,
        justification=justification,
        source=door.source,
    )
