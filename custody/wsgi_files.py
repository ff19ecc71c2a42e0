"""Uploads and downloads in processes of their own, so that no page ever waits behind a disk image.

WSGI only: under ASGI the framework would spool the body, the plaintext, to a temporary file first.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "custody.settings_files"
# One busy Python thread beside an ingest costs most of its rate; switch more often.
sys.setswitchinterval(0.0005)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

application = get_wsgi_application()
# Loaded now, so that the first person does not wait for it.
get_resolver().url_patterns  # noqa: B018
