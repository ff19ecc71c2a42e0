"""The admin app, with our own site in place of Django's."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "custody.admin.site.Site"

    def ready(self) -> None:
        super().ready()
        from custody.admin import register

        register.everything()
