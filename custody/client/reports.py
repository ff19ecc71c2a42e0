"""Custody reports: ask for one, wait for it, fetch it, have custody.proof verify it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from . import downloads
from .errors import ClientError, NotReadyError, SourceError
from .server import Answer, Server

# How a receipt is called beside its report.
RECEIPT = ".tlog-proof"
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


def receipt(server: Server, report: str, target: Path, pause: Callable[[float], None] = time.sleep) -> None:
    """Fetch the receipt of a report, once its record is published. Whether it proves anything `verify` says."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            text = server.text(f"reports/{report}/receipt/")
            break
        except NotReadyError:
            if time.monotonic() > deadline:
                raise
        pause(_POLL)
    try:
        with target.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        raise SourceError(f"{target} exists already; it is not overwritten.") from error
    except OSError as error:
        raise SourceError(f"{target} cannot be written: {error.strerror}.") from error


def download(server: Server, report: str, target: Path) -> None:
    """Fetch a report that is ready, under the digest that the server announced for it."""
    answer = server.get(f"reports/{report}/")
    if answer.get("state") != "ready":
        raise ClientError("The report is not ready yet.")
    address = str(server.post(f"reports/{report}/download/", {})["url"])
    downloads.fetch(server.http, address, target, sha256=str(answer["sha256"]))
