"""Lets the pages' origin, and no other, use the files service from a browser."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

ALLOWED = "Tus-Resumable, Upload-Offset, Upload-Length, Content-Type, Range, X-Requested-With"
EXPOSED = (
    "Tus-Resumable, Tus-Version, Tus-Extension, Upload-Offset, Upload-Length, "
    "Content-Range, Content-Disposition"
)


class Cors:
    """Adds the CORS headers for our own pages, which live on another port or host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        origin = request.headers.get("Origin")
        if origin in settings.PAGE_ORIGINS:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Methods"] = "GET, HEAD, PATCH, DELETE, OPTIONS"
            response["Access-Control-Allow-Headers"] = ALLOWED
            response["Access-Control-Expose-Headers"] = EXPOSED
            response["Access-Control-Max-Age"] = "600"
        response["Vary"] = "Origin"
        return response
