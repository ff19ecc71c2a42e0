"""Signing keys: mine, those that wait for enrolment, and handing in a new one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import SigningKey
from custody.acts import keys as acts
from custody.acts import passkeys
from custody.api import bodies, shapes
from custody.api.door import Door, page


class Keys(Door):
    """Public keys; the private halves are never here."""

    @extend_schema(responses=shapes.KeyShape(many=True))
    def get(self, request: Request) -> Response:
        """List my keys; an administrator sees everybody's."""
        person = self.person(request)
        rows = SigningKey.objects.select_related("person").order_by("requested", "pk")
        if not access.may(person, "key.register"):
            rows = rows.filter(person=person)
        return Response(page(request, rows, shapes.KeyShape))

    @extend_schema(request=shapes.OwnKeyShape, responses={201: shapes.KeyShape, 422: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Hand in the public half of a new key; an administrator enrols it."""
        key = acts.request(self.person(request), self.params(request), self.now())
        return Response(shapes.KeyShape(key).data, status=status.HTTP_201_CREATED)


class Passkeys(Door):
    """Passkeys: keys in security keys and devices, used by the browser."""

    @extend_schema(request=bodies.PasskeyRequest, responses={201: shapes.KeyShape, 422: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Hand in a new passkey with its attestation; an administrator enrols it."""
        key = passkeys.request(self.person(request), self.params(request), self.now())
        return Response(shapes.KeyShape(key).data, status=status.HTTP_201_CREATED)


class PasskeyOptions(Door):
    """What a browser makes a passkey by."""

    @extend_schema(request=None, responses={200: dict, 409: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Return the options for `navigator.credentials.create`, for the page that asks."""
        origin = request.headers.get("Origin", "")
        return Response(passkeys.options(self.person(request), origin, self.now()))
