"""The agency's seal as installed: where it lies, whether it is there, what verifiers pin of it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from custody.reports.seal import KEY_FILE, Seal, load_seal, make_test_seal


def folder() -> Path:
    """Return the seal's folder, beside the other keys."""
    return Path(settings.KEYS_DIR) / "seal"


def exists() -> bool:
    """Tell whether a seal was installed or made."""
    return (folder() / KEY_FILE).is_file()


def make_test(now: datetime) -> None:
    """Make the embedded default's seal: a local test authority, marked as such wherever it is shown."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    make_test_seal(folder(), settings.AGENCY, now=now)


@cache
def installed() -> Seal:
    """Load the seal. Raises SealError in words when it cannot be used."""
    return load_seal(folder())


def pins() -> tuple[str, ...]:
    """Return what a policy pins: the SHA-256 of the seal's certificate authority; nothing without a seal."""
    return (installed().ca_fingerprint(),) if exists() else ()
