"""How the pages write times, sizes and digests: one way everywhere. It shows; it decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from custody.accounts.roles import LABELS, Role
from evidence.cases import DataCategory

register = template.Library()
GROUP = 8
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """Write a time in the viewer's zone with its offset; UTC is the title and the machine's value."""
    if value is None:
        return "not recorded"
    local = timezone.localtime(value)
    utc = value.astimezone(UTC)
    offset = local.strftime("%z")
    return format_html(
        '<time datetime="{}" title="{} UTC">{} <span class="offset">{}:{}</span></time>',
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        utc.strftime("%Y-%m-%d %H:%M:%S"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
        offset[:3],
        offset[3:5],
    )


@register.filter
def utc_text(value: str) -> str | SafeString:
    """Write a time that a form holds as text (UTC, with Z) like any other; other text stays as it is."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return moment(found) if found.tzinfo else str(value)


@register.filter
def octets(value: int | None) -> str:
    """Write a size as people say it, with the exact number of bytes where that differs."""
    if value is None:
        return ""
    exact = f"{value:,}".replace(",", "\u202f")
    if value < 1024:
        return f"{exact} bytes"
    amount, unit = float(value), 0
    while amount >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {UNITS[unit]} ({exact} bytes)"


@register.filter
def short_octets(value: int | None) -> str:
    """Write a size for a narrow column."""
    return octets(value).split(" (")[0]


@register.filter
def groups(value: str) -> SafeString:
    """Set a digest in groups for the eye; what is copied has no gaps, and lines break between groups."""
    text = str(value)
    parts = [(text[i : i + GROUP],) for i in range(0, len(text), GROUP)]
    return format_html_join("", "<span>{}</span><wbr>", parts)


@register.filter
def role(value: str) -> str:
    """Write a role as people call it."""
    return LABELS[Role(value)]


@register.filter
def category(value: str) -> str:
    """Write a category of data in words."""
    return str(DataCategory(value).label)


@register.inclusion_tag("parts/digest.html")
def digest(label: str, value: str, note: str = "") -> dict[str, Any]:
    """Show a digest whole, with its name and a button that copies it."""
    return {"label": label, "value": value, "note": note}


@register.inclusion_tag("parts/person.html")
def person(value: Any) -> dict[str, Any]:
    """Show a person by name, post and number."""
    return {"person": value}


@register.inclusion_tag("parts/chip.html")
def chip(state: str, words: str) -> dict[str, str]:
    """Show a state as a coloured word; the colour says nothing that the word does not."""
    return {"state": state, "words": words}


@register.inclusion_tag("parts/field_error.html", takes_context=True)
def field_error(context: template.Context, name: str) -> dict[str, str]:
    """Show what is wrong with one field of a form that came back."""
    return {"name": name, "error": (context.get("errors") or {}).get(name, "")}
