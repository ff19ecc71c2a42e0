"""The files service: bytes in by tus 1.0 (HEAD, PATCH, DELETE), bytes out with Range. Plain WSGI views.

The body is read with `request.read` and goes nowhere but into the vault; nothing here spools it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import wraps
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from custody.acts import receive, upload_bytes
from custody.api.errors import plain
from custody.capability import content_of, upload_of
from custody.errors import ActError, InvalidError
from evidence import store
from evidence.items import StoredObject
from evidence.uploads import Upload
from evidence.vault.errors import SourceError, VaultError

TUS = "1.0.0"
EXTENSIONS = "termination"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
View = Callable[[HttpRequest, str], HttpResponseBase]


def _answers_problems(view: View) -> View:
    """Turn refusals into problem+json; every answer names the protocol's version."""

    @wraps(view)
    def inner(request: HttpRequest, token: str) -> HttpResponseBase:
        response: HttpResponseBase
        try:
            response = view(request, token)
        except SourceError:
            response = plain(
                400, "connection", "The connection ended; what arrived is kept. Ask for the offset."
            )
        except ActError as error:
            response = plain(error.status, error.code, error.text)
        except VaultError:
            response = plain(
                503, "vault", "The vault cannot store or read this now; nothing is lost. Try again later."
            )
        response["Tus-Resumable"] = TUS
        return response

    return inner


@csrf_exempt
@_answers_problems
def upload(request: HttpRequest, token: str) -> HttpResponseBase:
    """One upload's address."""
    if request.method == "OPTIONS":
        return _options()
    if request.headers.get("Tus-Resumable") != TUS:
        response = plain(412, "tus_version", f"Send the header Tus-Resumable: {TUS}.")
        response["Tus-Version"] = TUS
        return response
    upload_id = upload_of(token)
    if request.method == "HEAD":
        return _state(upload_bytes.state(upload_id, timezone.now()), 200)
    if request.method == "PATCH":
        return _patch(request, upload_id)
    if request.method == "DELETE":
        found = upload_bytes.state(upload_id, timezone.now())
        receive.cancel(found.person, found.pk)
        return HttpResponse(status=204)
    return plain(405, "method", "An upload knows HEAD, PATCH and DELETE.")


def _options() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Version"] = TUS
    response["Tus-Extension"] = EXTENSIONS
    return response


def _patch(request: HttpRequest, upload_id: object) -> HttpResponseBase:
    if request.content_type != "application/offset+octet-stream":
        return plain(415, "content_type", "Send the bytes as application/offset+octet-stream.")
    offset, length = request.headers.get("Upload-Offset", ""), request.headers.get("Content-Length", "")
    if not offset.isdecimal() or len(offset) > 18:
        raise InvalidError("Send the header Upload-Offset as a whole number.", code="offset_header")
    if not length.isdecimal() or len(length) > 18:
        return plain(
            411, "length", "Send the header Content-Length; a length that is not known cannot be checked."
        )
    taken = upload_bytes.take(upload_id, int(offset), int(length), request.read, timezone.now())  # type: ignore[arg-type]
    return _state(taken, 204)


def _state(found: Upload, status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Upload-Offset"] = str(found.offset)
    response["Upload-Length"] = str(found.size)
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@_answers_problems
def content(request: HttpRequest, token: str) -> HttpResponseBase:
    """One stored object, authenticated segment by segment as it leaves; the download is recorded already."""
    if request.method not in {"GET", "HEAD"}:
        return plain(405, "method", "Content is read with GET.")
    what = content_of(token)
    stored = StoredObject.objects.get(pk=what.stored)
    begin, end, status = 0, stored.size, 200
    wanted = request.headers.get("Range")
    if wanted:
        begin, end = _range(wanted, stored.size)
        status = 206
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(_pieces(stored, begin, end), status=status)
    if status == 206:
        response["Content-Range"] = f"bytes {begin}-{end - 1}/{stored.size}"
    response["Content-Length"] = str(end - begin)
    response["Accept-Ranges"] = "bytes"
    # Evidence is never rendered by a browser on our behalf: it is handed over as a file.
    response["Content-Type"] = (
        what.content_type if what.content_type == "application/pdf" else "application/octet-stream"
    )
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(what.filename)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


def _range(text: str, size: int) -> tuple[int, int]:
    """Read one byte range (RFC 9110, 14.1.2); several at once are refused."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise _NoRangeError(f"The range cannot be read; the file has {size} bytes.")
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    begin, end = int(first), min(int(last) + 1 if last else size, size)
    if begin >= end:
        raise _NoRangeError(f"The range lies outside the file of {size} bytes.")
    return begin, end


class _NoRangeError(ActError):
    code = "range"
    status = 416


def _pieces(stored: StoredObject, begin: int, end: int) -> Iterator[bytes]:
    """Stream; damage breaks the connection, so that a short file is never taken for a whole one."""
    yield from store.read(stored, begin, end)
