"""The log as files, for mirrors that the agency has given a token: /log/checkpoint, /log/tile/… (C2SP tlog-tiles).

Without a configured token nobody reads the log here. What is read holds no openings; still, who did how much and
when is nobody's business without an agreement.
"""

from __future__ import annotations

from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import path
from django.views.decorators.http import require_safe

from custody.ledger import cosigning, log_files, publish
from custody.proof.errors import MalformedError
from custody.proof.tiles import TILE_WIDTH, parse_path

_BEARER = "Bearer "
_NO_STORE = "no-store"
# A full tile never changes, except where a court orders an entry erased; then caches must not keep it for years.
_FULL = "private, max-age=86400"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Return the newest signed head, with the cosignatures that have come."""
    newest = publish.newest() if _may_read(request) else None
    if newest is None:
        return _not_found()
    answer = HttpResponse(cosigning.note_of(newest), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = _NO_STORE
    return answer


@require_safe
def tile(request: HttpRequest, name: str) -> HttpResponse:
    """Return one tile of hashes or entries."""
    if not _may_read(request):
        return _not_found()
    try:
        wanted = parse_path(f"tile/{name}")
        data = log_files.content(wanted)
    except (MalformedError, LookupError):
        return _not_found()
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Cache-Control"] = _FULL if wanted.width == TILE_WIDTH else _NO_STORE
    return answer


def _may_read(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "")
    token = shown.removeprefix(_BEARER).encode() if shown.startswith(_BEARER) else b""
    matches = [compare_digest(token, known.encode()) for known in settings.MIRROR_TOKENS]
    return any(matches)


def _not_found() -> HttpResponse:
    return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("checkpoint", checkpoint, name="log-checkpoint"),
    path("tile/<path:name>", tile, name="log-tile"),
]
