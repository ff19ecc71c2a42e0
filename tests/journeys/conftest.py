"""One running system for all journeys of a test process, started like `make run` and stopped at the end.

Starting it and playing the demonstration takes most of a minute, so one worker runs all journeys.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from custody.client.cast import Cast
from tests import services
from tests.journeys.system import System


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The running system, its demonstration played."""
    # Not pytest's own folder: as root the database is another user, whom those are closed to.
    folder = Path(tempfile.mkdtemp(prefix="unbroken-journeys-"))
    made = System(folder, services.from_environment())
    try:
        made.start()
        yield made
    finally:
        made.stop()
        if "UNBROKEN_KEEP_JOURNEYS" not in os.environ:
            shutil.rmtree(folder)


@pytest.fixture(scope="session")
def people(system: System) -> Iterator[Cast]:
    """The people of the demonstration, each with their key."""
    with system.people() as cast:
        yield cast
