"""The admin app, with our own site in place of Django's.

Its pages are registered where they are served (custody/urls.py): a worker and a command hold none of them.
"""

from django.contrib.admin.apps import SimpleAdminConfig


class AdminConfig(SimpleAdminConfig):
    default_site = "custody.admin.site.Site"
