"""Signing keys: mine, those that wait for enrolment, and handing in a new one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import SigningKey
from custody.acts import keys as acts
from custody.api import shapes
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
