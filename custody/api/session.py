"""Log on for a token, log off, and who one is."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import Person, note_access
from custody.api import bodies, shapes
from custody.api.auth import bearer, issue_token, revoke_token
from custody.api.door import Door, source_of
from custody.api.errors import CONTENT_TYPE, body


class Token(Door):
    """Tokens of the API."""

    permission_classes = [AllowAny]

    @extend_schema(request=bodies.LogOnRequest, responses={200: shapes.TokenShape, 401: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Log on; the token lives twelve hours."""
        params = self.params(request)
        username, password = str(params.get("username", "")), str(params.get("password", ""))
        found = authenticate(request._request, username=username, password=password)
        person = found if isinstance(found, Person) else None
        note_access(
            person=person or Person.objects.filter(username=username).first(),
            act="log-on",
            now=timezone.now(),
            outcome="allowed" if person else "refused",
            source=source_of(request),
        )
        if person is None:
            detail = "Name or password are wrong, or the account is locked; an administrator releases locks."
            return Response(body(401, "log_on", detail), status=401, content_type=CONTENT_TYPE)
        token, expires = issue_token(person, timezone.now())
        return Response({"token": token, "expires": expires})

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Log off: the token of this request is forgotten."""
        if not request.user:
            raise NotAuthenticated("There is no log-on to end: send the token.")
        revoke_token(bearer(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(Door):
    """The person who asks."""

    @extend_schema(responses=shapes.MeShape)
    def get(self, request: Request) -> Response:
        """Return who I am, my keys and my cases."""
        person = self.person(request)
        cases = access.cases(person).values_list("pk", flat=True)
        return Response(shapes.MeShape(person, context={"cases": list(cases)}).data)
