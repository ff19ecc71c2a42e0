"""Log-on by name and password, with the lock that only an administrator opens (CJIS AC-7).

It does not record the log-on; the door that asked does, since it knows the source address.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from custody.accounts.models import Person
from custody.accounts.roles import Role


class PersonBackend(BaseBackend):
    """Finds the person, refuses locked, inactive and machine accounts, counts failures."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Person | None:
        if not username or password is None:
            return None
        with transaction.atomic():
            person = Person.objects.select_for_update().filter(username=username).first()
            if person is None:
                # The same work as for a real account, so that time does not tell which names exist.
                Person().set_password(password)
                return None
            return _judge(person, password, timezone.now())

    def get_user(self, user_id: int) -> Person | None:
        return Person.objects.filter(pk=user_id, is_active=True, locked_at__isnull=True).first()


def _judge(person: Person, password: str, now: datetime) -> Person | None:
    right = person.check_password(password)
    if person.locked_at is not None or not person.is_active or person.role == Role.SERVICE:
        return None
    if right:
        person.failures, person.first_failure = 0, None
        person.save(update_fields=["failures", "first_failure"])
        return person
    window = timedelta(seconds=settings.LOCK_WINDOW_SECONDS)
    if person.first_failure is None or now - person.first_failure > window:
        person.failures, person.first_failure = 0, now
    person.failures += 1
    if person.failures >= settings.LOCK_AFTER_FAILURES:
        person.locked_at = now
    person.save(update_fields=["failures", "first_failure", "locked_at"])
    return None
