"""The custody app: who holds it, and the proof."""

from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "custody"
    verbose_name = "Custody"

    def ready(self) -> None:
        from custody import checks  # noqa: F401  (registers the system checks)
