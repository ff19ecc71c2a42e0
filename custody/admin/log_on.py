"""The admin's log-on: the notice acknowledged, the person judged, and only those let in who have work here.

Every attempt is a row of the access log, as at every other door.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.forms import BooleanField, CheckboxInput
from django.utils import timezone

from custody.accounts.models import Person, note_access
from custody.accounts.roles import Role

NOT_ACKNOWLEDGED = "Tick that you have read the notice; nobody logs on without it."
# One sentence for every case, so that it does not tell which names exist or which of them are locked.
REFUSED = (
    "Name or password are wrong, or the account is locked. After five failures within fifteen minutes an "
    "account stays locked until an administrator releases it."
)


class LogOnForm(AuthenticationForm):
    """Name, password, and that the notice was read."""

    acknowledged = BooleanField(
        label="I have read this notice and agree.",
        error_messages={"required": NOT_ACKNOWLEDGED},
        widget=CheckboxInput,
    )
    error_messages = {**AuthenticationForm.error_messages, "invalid_login": REFUSED, "inactive": REFUSED}

    def clean(self) -> dict[str, Any]:
        if "acknowledged" not in self.cleaned_data:
            return self.cleaned_data
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            self._note(
                outcome="refused", justification="no work in the admin" if error.code == "role" else ""
            )
            raise
        if self.get_user() is not None:
            self._note(outcome="allowed")
        return cleaned

    def confirm_login_allowed(self, user: Person) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(not_for(user), code="role")

    def _note(self, *, outcome: str, justification: str = "") -> None:
        name = str(self.cleaned_data.get("username", ""))
        note_access(
            person=Person.objects.filter(username=name).first(),
            act="log-on",
            now=timezone.now(),
            object_kind="admin",
            outcome=outcome,
            justification=justification,
            source=str(self.request.META.get("REMOTE_ADDR", "")) if self.request else "",
        )


def not_for(person: Person) -> str:
    """Say why somebody has nothing to do here, and where their work is."""
    label = Role(person.role).label.lower()
    return (
        f"The administration is for supervisors, administrators and auditors. You are enrolled as {label}; "
        "your cases and transfers are on the ordinary pages."
    )
