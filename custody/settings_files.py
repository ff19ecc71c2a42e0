"""Settings of the files service: no sessions, no forms; a capability in the address opens one thing."""

from custody.settings import *  # noqa: F403

ROOT_URLCONF = "custody.api.files_urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "custody.api.files_cors.Cors",
]
