"""How the API knows who asks: a bearer token, or the pages' own session with its CSRF token."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from custody.accounts.models import ApiToken, Person

# A working day; CJIS asks for a new log-on every twelve hours.
TOKEN_LIFETIME = timedelta(hours=12)


def issue_token(person: Person, now: datetime) -> tuple[str, datetime]:
    """Make a bearer token; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    expires = now + TOKEN_LIFETIME
    ApiToken.objects.create(digest=_digest(token), person=person, created=now, expires=expires)
    return token, expires


def revoke_token(token: str) -> None:
    """Forget a token."""
    ApiToken.objects.filter(digest=_digest(token)).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(request: Request) -> str:
    """Return the token of the Authorization header, or an empty string."""
    words = get_authorization_header(request).decode("latin-1").split()
    return words[1] if len(words) == 2 and words[0].lower() == "bearer" else ""


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Person, str] | None:
        token = bearer(request)
        if not token:
            return None
        row = ApiToken.objects.select_related("person").filter(digest=_digest(token)).first()
        if row is None or row.expires < timezone.now():
            raise AuthenticationFailed("The token is unknown or has expired; log on again.")
        if not row.person.is_active or row.person.locked_at is not None:
            raise AuthenticationFailed("This account is locked or inactive; ask an administrator.")
        return row.person, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="unbroken"'


class PageSessionAuthentication(SessionAuthentication):
    """The session of the pages; changes need the CSRF token as everywhere."""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI document what the bearer token is."""

    target_class = "custody.api.auth.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI document what the session is."""

    target_class = "custody.api.auth.PageSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
