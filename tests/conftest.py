"""Sets the environment before Django reads its settings, and gives each test process a database of its own.

Tests connect as the application role, which owns nothing: what it may not do, they cannot do either. Tests
that need real commits (threads, processes, a live server) use `transactional_db` as usual; afterwards the
database is not emptied, which its own guards would refuse, but replaced by a fresh copy of the migrated one.
"""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadGroupScheduling

from tests import services

# Folders whose tests import no Django; a run of these alone neither reads settings nor sets it up.
WITHOUT_DJANGO = (
    "proof",
    "client",
    "embedded",
    "vectors",
    "evidence/metadata",
    "evidence/redaction",
    "evidence/vault",
    "test_compose",
)


# `make test` tries the same examples every time; `make fuzz` draws new ones.
hypothesis.settings.register_profile("fixed", derandomize=True, database=None)
hypothesis.settings.load_profile("fixed")

# Each of these shares something that takes long to make, so one worker runs all of it, and begins with it.
TOGETHER = ("tests/commands/", "tests/journeys/", "tests/proof_html/", "tests/reports/test_verapdf.py")


class Together(LoadGroupScheduling):
    """Hand tests out one by one, and what shares a world as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_configure(config: pytest.Config) -> None:
    wanted = services.of_this_process()
    if only_hands_out(config) or all(without_django(argument) for argument in config.args):
        return
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        raise pytest.UsageError(
            "unset DJANGO_SETTINGS_MODULE: Django would read its settings before the tests' own"
        )
    os.environ.update(wanted.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "custody.settings"
    # pytest-django sets Django up in its own, later pytest_configure, but only if the settings are loaded.
    from django.conf import settings

    assert settings.DATABASES
    # Hashing passwords is meant to be slow; here it would take a third of the time and prove nothing.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case by its argument where its value is bytes or long: keys are drawn anew in every process."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 24) else None


def only_hands_out(config: pytest.Config) -> bool:
    """Tell whether this process runs no tests itself: the first one of pytest-xdist."""
    return config.getoption("dist", "no") != "no" and "PYTEST_XDIST_WORKER" not in os.environ


def without_django(argument: str) -> bool:
    return any(f"tests/{name}" in argument for name in WITHOUT_DJANGO)


def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        services.from_environment().stop()
        del os.environ[services.FOLDER]


@pytest.fixture(scope="session")
def running_services() -> services.Services:
    """The servers and this process's database, for tests that start programs of their own."""
    wanted = services.from_environment()
    wanted.ensure()
    return wanted


@pytest.fixture(scope="session")
def django_db_setup(
    running_services: services.Services, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Stand in for pytest-django's own, which would make the database as the role that may not."""
    from django.db import connections
    from django.test import TransactionTestCase

    def renew(case: TransactionTestCase) -> None:
        connections.close_all()
        running_services.renew()

    # Django's own way is TRUNCATE, which the ledger's triggers and the missing privilege both refuse.
    usual: Any = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = renew  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = usual  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def cast(db: None) -> Any:
    """The people of tests/cast.py, with an open log and enrolled keys."""
    from tests.cast import assemble_cast

    return assemble_cast()


@pytest.fixture
def owner(db: None, running_services: services.Services) -> Iterator[Any]:
    """A connection as the owner of the tables, beside the test's own; what it does is committed at once."""
    import psycopg

    from custody.embedded import roles

    url = running_services.url(roles.OWNER, running_services.database)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
