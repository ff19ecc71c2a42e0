"""Turns every refusal of the gate and the acts into a page, in this one place for all pages.

What a form lacks is not an error page: `custody.web.door.FormPage` shows the form again.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from custody.errors import ActError

HEADINGS = {
    403: "This is not allowed",
    404: "Not found",
    409: "Not in this state",
    422: "Something is missing or wrong",
}


def refused(request: HttpRequest, error: ActError) -> HttpResponse:
    """Return the page that tells why something will not be done; htmx gets only the sentence."""
    template = "errors/sentence.html" if is_fragment(request) else "errors/refused.html"
    heading = HEADINGS.get(error.status, "This will not be done")
    return render(request, template, {"heading": heading, "text": error.text}, status=error.status)


def is_fragment(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part of a page; going back in the history it wants the whole one."""
    is_history = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not is_history
