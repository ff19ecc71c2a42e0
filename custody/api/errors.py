"""Turns every refusal into problem+json (RFC 9457), in this one place for API and files service."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from custody.errors import ActError, InvalidError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "Log on first",
    403: "Not allowed",
    404: "Not found",
    405: "This is not done to this address",
    406: "This form of answer is not available",
    409: "Not in this state",
    410: "Gone",
    412: "Another protocol version is needed",
    413: "Too large",
    415: "Send JSON",
    416: "No such range",
    422: "Something is missing or wrong",
    423: "In use",
    429: "Too many requests",
    460: "The checksum differs",
    500: "Our fault",
    503: "Not now",
}


def body(status: int, code: str, detail: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the members of a problem document."""
    problem: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": TITLES.get(status, "The request was refused"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if fields:
        problem["errors"] = fields
    return problem


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of an API view; None lets it be an error 500."""
    document = _document(error)
    if document is None:
        return None
    set_rollback()
    response = Response(document, status=document["status"], content_type=CONTENT_TYPE)
    auth_header = getattr(error, "auth_header", None)
    if auth_header:
        response["WWW-Authenticate"] = auth_header
    return response


def _document(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, ActError):
        fields = error.fields if isinstance(error, InvalidError) else None
        return body(error.status, error.code, error.text, fields)
    if isinstance(error, Http404):
        return body(404, "not_found", "There is nothing at this address.")
    if isinstance(error, PermissionDenied):
        return body(403, "not_allowed", "You may not do this.")
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        return body(
            error.status_code,
            code if isinstance(code, str) else "invalid",
            _text(error.detail),
            _fields(error.detail),
        )
    return None


def _text(detail: Any) -> str:
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_text(value)}" for name, value in detail.items())
    if isinstance(detail, list):
        return " ".join(_text(value) for value in detail)
    return str(detail)


def _fields(detail: Any) -> dict[str, str] | None:
    return {name: _text(value) for name, value in detail.items()} if isinstance(detail, dict) else None


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an address that does not exist, outside any view."""
    return plain(404, "not_found", "There is nothing at this address.")


def plain(status: int, code: str, detail: str) -> JsonResponse:
    """Answer a problem from a plain Django view."""
    return JsonResponse(body(status, code, detail), status=status, content_type=CONTENT_TYPE)
