"""Reads the environment: strings, numbers, switches, secrets in files, database addresses.

It does not know what the values are for; `settings.py` does, and `docs/operations.md` lists them all.
"""

import ipaddress
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file named by `NAME_FILE`, or the default."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    return os.environ.get(name, default)


def switch(name: str, default: bool = False) -> bool:
    """Return a yes/no variable; anything that is neither is refused."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    """Return a whole number from 1 upwards."""
    value = text(name) or str(default)
    try:
        found = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if found < 1:
        raise ImproperlyConfigured(f"{name} must be 1 or more, not {found}")
    return found


def named(url: str) -> str:
    """Return the address by name where it is this machine's by number: browsers bind passkeys to names only."""
    parts = urlsplit(url)
    try:
        is_loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_loopback = False
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://localhost{port}" if is_loopback else url


def database(url: str) -> dict[str, Any]:
    """Turn `postgresql://user:password@host:port/name?host=/socket` into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// (PostgreSQL is the only database)"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    port = options.pop("port", "") or str(parts.port or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        # Django's own cursors never prepare a statement; the one that appends to the ledger does (ADR 22).
        "OPTIONS": {**options, "prepare_threshold": 1},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
