"""The addresses of the files service."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from custody.api import files


def alive(request: HttpRequest) -> HttpResponse:
    """Answer a health check."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("uploads/<str:token>", files.upload, name="tus"),
    path("content/<str:token>", files.content, name="content"),
    path("health", alive, name="files-health"),
]
handler404 = "custody.api.errors.not_found"
