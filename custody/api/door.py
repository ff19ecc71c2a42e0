"""What every API view shares: who asks, when, and one page of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from custody.accounts.models import Person

PAGE = 100


class Door(APIView):
    """A view that parses, calls one act or the gate, and answers."""

    def person(self, request: Request) -> Person:
        return cast(Person, request.user)

    def now(self) -> datetime:
        return timezone.now()

    def params(self, request: Request) -> dict[str, Any]:
        """Return the body as a JSON object; anything else counts as empty, and the act says what lacks."""
        return dict(request.data) if isinstance(request.data, dict) else {}


def page(
    request: Request, rows: QuerySet[Any], serializer: type[Serializer[Any]], **context: Any
) -> dict[str, Any]:
    """Return one page of a list: `results`, and `next` as the offset of the page after it."""
    text = request.query_params.get("offset", "0")
    offset = int(text) if text.isdecimal() and len(text) < 10 else 0
    found = list(rows[offset : offset + PAGE + 1])
    more = len(found) > PAGE
    return {
        "results": serializer(found[:PAGE], many=True, context=context).data,
        "next": offset + PAGE if more else None,
    }


def source_of(request: Request) -> str:
    """Return the address the request came from, for the access log."""
    return str(request.META.get("REMOTE_ADDR", ""))
