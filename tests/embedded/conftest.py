"""A folder for the servers that tests start.

Not pytest's own: each session of pytest closes those to every other user again, which would cut off a database
that, started as root, runs as another user.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def servers_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="unbroken-embedded-") as folder:
        yield Path(folder)
