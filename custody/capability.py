"""Addresses on the files service that carry their own permission: who got one was checked before.

A capability names one thing and ends by itself. The files service knows no sessions.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing

from custody.errors import NotAllowedError
from evidence.uploads import Upload

UPLOAD_SALT, CONTENT_SALT = "unbroken.upload", "unbroken.content"
# A 500 GB image over a slow line, with weekends; the upload's own state ends it earlier.
UPLOAD_SECONDS = 14 * 24 * 3600
# Long enough to begin a download and to resume it once, short enough to be of no use in a log.
CONTENT_SECONDS = 10 * 60


@dataclass(frozen=True)
class Content:
    """What a download capability opens."""

    kind: str
    thing: str
    stored: uuid.UUID
    filename: str
    content_type: str


def upload_url(upload: Upload) -> str:
    """Return the tus address of an upload."""
    token = signing.dumps(str(upload.uuid), salt=UPLOAD_SALT)
    return f"{settings.FILES_URL}/uploads/{token}"


def upload_of(token: str) -> uuid.UUID:
    """Return which upload a capability is for. Raises NotAllowedError."""
    return uuid.UUID(_open(token, UPLOAD_SALT, UPLOAD_SECONDS))


def content_url(
    kind: str, thing: uuid.UUID, stored: uuid.UUID | None, filename: str, content_type: str
) -> str:
    """Return the address that opens one stored object for a short time."""
    token = signing.dumps(
        [kind, str(thing), str(stored), filename, content_type], salt=CONTENT_SALT, compress=True
    )
    return f"{settings.FILES_URL}/content/{token}"


def content_of(token: str) -> Content:
    """Return what a download capability opens. Raises NotAllowedError."""
    kind, thing, stored, filename, content_type = _open(token, CONTENT_SALT, CONTENT_SECONDS)
    return Content(kind, thing, uuid.UUID(stored), filename, content_type)


def _open(token: str, salt: str, seconds: int) -> Any:  # JSON that this server signed itself
    try:
        return signing.loads(token, salt=salt, max_age=seconds)
    except signing.SignatureExpired as error:
        raise NotAllowedError("This address has expired; ask for a new one.", code="expired") from error
    except signing.BadSignature as error:
        raise NotAllowedError("This address was not given by this server.", code="capability") from error
