"""An exhibit in the log, and an agency that has named its witness."""

from typing import Any

import pytest


@pytest.fixture
def item(cast: Any) -> Any:
    return cast.take_in(cast.add_authority(cast.open_case()))


@pytest.fixture
def named(settings: Any) -> None:
    """The agency has named the court as its witness; no address, so cosignatures come on a stick."""
    from tests.ledger.carried import COURT  # whose imports need Django's settings

    settings.WITNESSES = f"witness court {COURT.vkey}\nquorum court\n"
