"""What every page passes through: security headers, the age of the session, the viewer's time zone."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponseBase]
BEGAN, LAST = "began", "last"
ENDED = "Your session has ended: after thirty minutes without use, or after twelve hours. Log on again."


class SecurityHeaders:
    """Content-Security-Policy without any address outside; only our own scripts, styles and files service."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._policy = "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data:",
                "font-src 'self'",
                f"connect-src 'self' {settings.FILES_URL}",
                # A form that asks for a file is answered by sending the browser to the files service.
                f"form-action 'self' {settings.FILES_URL}",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class IdleAndAge:
    """Ends a session after thirty minutes idle and after twelve hours in any case (CJIS AC-11, IA-11)."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            session = request.session
            began, last = session.setdefault(BEGAN, now), session.get(LAST, now)
            if now - last > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_MAX_SECONDS:
                logout(request)
                if not request.path.startswith("/api/"):
                    messages.info(request, ENDED)
            elif now - last >= 60 or LAST not in session:
                # Once a minute is exact enough, and saves a write per request.
                session[LAST] = now
        return self._get_response(request)


class ViewerZone:
    """Shows times in the viewer's zone; records stay UTC."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = getattr(request.user, "zone", "") or settings.DEFAULT_VIEWER_ZONE
        try:
            timezone.activate(zoneinfo.ZoneInfo(name))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.activate(zoneinfo.ZoneInfo("UTC"))
        try:
            return self._get_response(request)
        finally:
            timezone.deactivate()
