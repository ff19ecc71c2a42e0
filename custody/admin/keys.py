"""Signing keys for administrators: enrol what people made, after they proved possession; revoke what is lost.

Both are signed acts in the permanent log. The enrolment goes: the administrator prepares the record, the
holder signs it with the new key on their page, the administrator signs it; all within a draft's lifetime.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone

from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import LABELS, Role
from custody.acts import countersign
from custody.admin.door import note_view, person_of
from custody.admin.readonly import ReadOnlyAdmin
from custody.drafts import LIFETIME, Draft
from custody.ledger import sites

ROLES = frozenset({Role.ADMINISTRATOR})
# Waiting ones first, then those that sign, then the past.
ORDER = [KeyState.REQUESTED, KeyState.REGISTERED, KeyState.REVOKED]


class SigningKeyAdmin(ReadOnlyAdmin):
    """The public halves of everybody's keys."""

    roles = ROLES
    title = "Signing keys"
    page_template = "admin/key.html"
    list_display = ["holder", "role_word", "state_word", "label_line", "made", "short_id"]
    list_filter = ["state"]
    search_fields = ["person__name", "person__username", "keyid", "label"]
    search_help_text = "Holder, user name, key id or label"

    def rows(self, person: Person) -> QuerySet[SigningKey]:
        if person.role not in ROLES:
            return SigningKey.objects.none()
        turn = Case(
            *[When(state=state, then=Value(place)) for place, state in enumerate(ORDER)],
            output_field=IntegerField(),
        )
        return SigningKey.objects.select_related("person").annotate(turn=turn)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("turn", "requested", "pk")

    def context(self, request: HttpRequest, row: SigningKey) -> dict[str, Any]:
        note_view(request, "key", row.keyid)
        person = person_of(request)
        draft = _draft(person, row)
        others = row.person.keys.filter(state=KeyState.REGISTERED).exclude(pk=row.pk)
        return {
            "title": f"Key of {row.person.name}",
            "key": row,
            "role": LABELS[Role(row.person.role)],
            "state_word": KeyState(row.state).label,
            "draft": draft,
            "proved": draft is not None and draft.second_signature is not None,
            "others_missing": countersign.missing(draft) if draft else 0,
            "enrollers": sites.in_force().enrollers,
            "minutes": int(LIFETIME.total_seconds() // 60),
            "own_keys": list(person.keys.filter(state=KeyState.REGISTERED)),
            "is_machine": row.person.role == Role.SERVICE,
            "is_own": row.person_id == person.pk,
            "other_keys": list(others),
        }

    @display(description="holder", ordering="person__name")
    def holder(self, row: SigningKey) -> str:
        return row.person.name

    @display(description="role", ordering="person__role")
    def role_word(self, row: SigningKey) -> str:
        return LABELS[Role(row.person.role)]

    @display(description="state", ordering="state")
    def state_word(self, row: SigningKey) -> str:
        return str(KeyState(row.state).label)

    @display(description="label", empty_value="–")
    def label_line(self, row: SigningKey) -> str:
        return row.label or "–"

    @display(description="made", ordering="requested")
    def made(self, row: SigningKey) -> str:
        return f"{timezone.localtime(row.requested):%Y-%m-%d %H:%M}"

    @display(description="key id")
    def short_id(self, row: SigningKey) -> str:
        return f"{row.keyid[:12]}…"


def _draft(person: Person, key: SigningKey) -> Draft | None:
    """Return the enrolment that this administrator has prepared, while it lasts."""
    rows = Draft.objects.filter(
        person=person, act="key.register", second_keyid=key.keyid, expires__gt=timezone.now()
    )
    return rows.order_by("-created").first()
