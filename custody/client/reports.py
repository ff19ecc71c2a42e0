"""Custody reports: ask for one, wait for it, fetch it, have custody.proof verify it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from . import downloads
from .errors import ClientError
from .server import Answer, Server

_POLL = 0.5
_PATIENCE = 300.0


SEALED, PUBLIC = "sealed", "public"


def request_for_case(server: Server, case: str, variant: str = SEALED) -> str:
    """Ask for the report of a case; give the report's id."""
    return str(server.post("reports/", {"case": case, "variant": variant})["id"])


def request_for_item(server: Server, item: str, variant: str = SEALED) -> str:
    """Ask for the report of one item; give the report's id."""
    return str(server.post("reports/", {"item": item, "variant": variant})["id"])


def wait(server: Server, report: str, pause: Callable[[float], None] = time.sleep) -> Answer:
    """Wait until the report is made. Raises ClientError if it cannot be made or takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        answer = server.get(f"reports/{report}/")
        if answer.get("state") == "ready":
            return answer
        if answer.get("state") == "failed":
            raise ClientError(
                f"The report cannot be made: {answer.get('problem') or 'the server says no more'}"
            )
        if time.monotonic() > deadline:
            raise ClientError("The report is still being made. Fetch it later with `report download`.")
        pause(_POLL)


def download(server: Server, report: str, target: Path) -> None:
    """Fetch a report that is ready, under the digest that the server announced for it."""
    answer = server.get(f"reports/{report}/")
    if answer.get("state") != "ready":
        raise ClientError("The report is not ready yet.")
    address = str(server.post(f"reports/{report}/download/", {})["url"])
    downloads.fetch(server.http, address, target, sha256=str(answer["sha256"]))
