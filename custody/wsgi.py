"""The pages, the API and the admin as a WSGI application; uploads and downloads are `wsgi_files`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "custody.settings")
application = get_wsgi_application()
# Loaded now, so that the first person does not wait for it.
get_resolver().url_patterns  # noqa: B018
