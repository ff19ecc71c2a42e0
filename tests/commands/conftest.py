"""One committed world for all tests of this folder; the database is replaced when they are done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from tests.services import Services


@pytest.fixture(scope="package")
def world(
    running_services: Services,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[object]:
    from django.conf import settings

    from custody.reports import agency_seal
    from tests.cast import assemble_cast
    from tests.commands.ledger_world import build

    with django_db_blocker.unblock(), _vault_of_its_own(settings, tmp_path_factory.mktemp("vault") / "vault"):
        if not agency_seal.exists():
            agency_seal.make_test(timezone.now())
        with transaction.atomic():
            made = build(assemble_cast(), running_services)
        connections.close_all()
        yield made
        connections.close_all()
        running_services.renew()


class _vault_of_its_own:
    """Other tests leave objects in the shared vault, which would be left over here."""

    def __init__(self, settings: LazySettings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    def __enter__(self) -> None:
        from evidence import store

        self._before = self._settings.VAULT_DIR
        self._settings.VAULT_DIR = self._folder
        store.forget()

    def __exit__(self, *error: object) -> None:
        from evidence import store

        self._settings.VAULT_DIR = self._before
        store.forget()
