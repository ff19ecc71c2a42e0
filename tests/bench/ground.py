"""A PostgreSQL of the measurement's own that keeps its promises (fsync on), with an open log and the tests' cast.

The other tests' server forgets everything in a crash, to be fast; a measurement of it would be worth nothing.
With DATABASE_URL set (a superuser of a server without anything of value) that server is measured instead.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from custody.embedded.postgres import Postgres
from tests import services


class Durable(services.Services):
    """The tests' services, but with a database that syncs every commit."""

    def _postgres(self) -> Postgres:
        forgetful = super()._postgres()
        return Postgres(
            folder=self.data.postgres,
            socket_folder=self.data.socket_folder(),
            password=forgetful.password,
            say=services.quiet,
            durable=True,
        )


@contextlib.contextmanager
def durable_ledger() -> Iterator[Durable]:
    """Start the servers, make a database, set Django up on it as the application role; remove all at the end."""
    found = services.of_this_process()
    ground = Durable(found.folder, found.process, found.given_database, found.given_redis)
    os.environ.update(ground.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "custody.settings"
    try:
        ground.ensure()
        import django

        django.setup()
        yield ground
    finally:
        ground.stop()
