"""The addresses of pages, API and admin."""

from django.contrib import admin
from django.urls import include, path

from custody.admin import register

register.everything()

urlpatterns = [
    path("api/v1/", include("custody.api.urls")),
    path("admin/", admin.site.urls),
    path("log/", include("custody.api.log_files")),
    path("", include("custody.web.urls")),
]
