"""The fixture of the access tests; its world is built in world.py, once Django is set up."""

from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def world(cast: Any) -> SimpleNamespace:
    from tests.access.world import build

    return build(cast)
