"""Keeps the result of the last full audit as a file, for the page that shows when there was one.

It is a convenience for people, not a proof: whoever can write the data folder can write this file.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

LEDGER, VAULT = "replay_ledger", "check_vault"
# What an audit of a hopeless log may leave here; the command itself prints everything.
MAX_FINDINGS = 200


def keep(name: str, result: dict[str, Any], now: datetime) -> None:
    """Write the result with its time; the newest only."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    short = {key: value[:MAX_FINDINGS] if isinstance(value, list) else value for key, value in result.items()}
    new = folder / f"{name}.new"
    text = json.dumps(short | {"at": now.isoformat()}, indent=1)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(folder / f"{name}.json")


def kept(name: str) -> dict[str, Any] | None:
    """Return the last result, with `at` as a time; None when there was none or it cannot be read."""
    try:
        found = json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))
        return {**found, "at": datetime.fromisoformat(found["at"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "audits"
