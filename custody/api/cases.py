"""Cases with their people, authorities and victims, and the people one may choose."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.acts import victims as victim_acts
from custody.api import shapes
from custody.api.door import Door, page


class People(Door):
    """Everybody with an account, by name, role and unit."""

    @extend_schema(responses=shapes.PersonShape(many=True))
    def get(self, request: Request) -> Response:
        """List people, for choosing a taker or staffing a case."""
        rows = Person.objects.filter(is_active=True).exclude(role=Role.SERVICE).order_by("name", "pk")
        return Response(page(request, rows, shapes.PersonShape))


class Cases(Door):
    """Cases of the person who asks. They are opened by the signed act `case.open`."""

    @extend_schema(responses=shapes.CaseShape(many=True))
    def get(self, request: Request) -> Response:
        """List my cases."""
        return Response(page(request, access.cases(self.person(request)), shapes.CaseShape))


class Case(Door):
    """One case."""

    @extend_schema(responses={200: shapes.CaseDetailShape, 404: shapes.ProblemShape})
    def get(self, request: Request, case: uuid.UUID) -> Response:
        """Return the case and who works on it."""
        return Response(shapes.CaseDetailShape(access.case(self.person(request), case)).data)


class Authorities(Door):
    """The case's legal authorities. They are added by the signed act `authority.add`."""

    @extend_schema(responses=shapes.AuthorityShape(many=True))
    def get(self, request: Request, case: uuid.UUID) -> Response:
        """List the authorities."""
        found = access.case(self.person(request), case)
        return Response(page(request, found.authorities.all(), shapes.AuthorityShape))


class CaseItems(Door):
    """The case's exhibits."""

    @extend_schema(responses=shapes.ItemShape(many=True))
    def get(self, request: Request, case: uuid.UUID) -> Response:
        """List the exhibits."""
        person = self.person(request)
        access.case(person, case, "item.view")
        return Response(page(request, access.items(person).filter(case=case), shapes.ItemShape))


class Victims(Door):
    """The people the case protects, by pseudonym."""

    @extend_schema(responses=shapes.VictimShape(many=True))
    def get(self, request: Request, case: uuid.UUID) -> Response:
        """List pseudonyms with how many identifiers of each kind are sealed; never the identifiers."""
        rows = access.victims(self.person(request), case).prefetch_related("identifiers")
        return Response(page(request, rows, shapes.VictimShape))

    @extend_schema(request=dict, responses={201: shapes.VictimShape, 422: shapes.ProblemShape})
    def post(self, request: Request, case: uuid.UUID) -> Response:
        """Register a victim: `identifiers` as a list of kind and value; they are sealed at once."""
        params = self.params(request) | {"case": str(case)}
        victim = victim_acts.register(self.person(request), params, self.now())
        return Response(shapes.VictimShape(victim).data, status=status.HTTP_201_CREATED)


class VictimIdentifiers(Door):
    """More identifiers of a victim."""

    @extend_schema(request=dict, responses={201: shapes.VictimShape, 422: shapes.ProblemShape})
    def post(self, request: Request, victim: uuid.UUID) -> Response:
        """Add identifiers; redacted copies made before become stale."""
        found = victim_acts.add_identifiers(self.person(request), victim, self.params(request), self.now())
        return Response(shapes.VictimShape(found).data, status=status.HTTP_201_CREATED)
