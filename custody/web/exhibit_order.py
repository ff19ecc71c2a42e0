"""Orders exhibits as people count: KV/2 before KV/10. The database keeps the numbers as the text they are."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import CharField, DecimalField, Func, Model, QuerySet

Rows = TypeVar("Rows", bound=Model)


class LastDigits(Func):
    """The digits at the end of a text as a number; none counts as nothing."""

    template = "CAST(substring(%(expressions)s from '[0-9]{1,30}$') AS numeric)"
    output_field = DecimalField()


class BeforeLastDigits(Func):
    """The text without the digits at its end."""

    template = "regexp_replace(%(expressions)s, '[0-9]{1,30}$', '')"
    output_field = CharField()


def by_number(rows: QuerySet[Rows], field: str = "exhibit_number") -> QuerySet[Rows]:
    """Order rows by the exhibit number in `field`."""
    return rows.order_by(BeforeLastDigits(field), LastDigits(field), field, "pk")
