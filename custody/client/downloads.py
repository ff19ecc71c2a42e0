"""Fetch a file by its one-time address and keep it only if its digest is the announced one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import httpx

from .errors import ClientError, DigestMismatchError, ServerUnreachableError, SourceError
from .server import refusal

# The largest thing a person fetches with this client is a report or a redacted copy.
_MAX_BYTES = 64 << 30


def fetch(http: httpx.Client, address: str, target: Path, *, sha256: str) -> None:
    """Write the file to `target`, which must not exist. Raises DigestMismatchError, and leaves nothing."""
    fresh = target.with_name(target.name + ".part")
    if target.exists():
        raise SourceError(f"{target} exists already; it is not overwritten.")
    try:
        digest = _receive(http, address, fresh)
        if digest != sha256:
            raise DigestMismatchError(f"The file that came has the SHA-256 {digest}, announced was {sha256}.")
        fresh.replace(target)
    except httpx.TransportError as error:
        raise ServerUnreachableError(f"The file could not be fetched: {error}.") from error
    except OSError as error:
        raise SourceError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        fresh.unlink(missing_ok=True)


def _receive(http: httpx.Client, address: str, fresh: Path) -> str:
    digest, count = hashlib.sha256(), 0
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, http.stream("GET", address) as response:
        if not response.is_success:
            response.read()
            raise refusal(response)
        for block in response.iter_raw():
            count += len(block)
            if count > _MAX_BYTES:
                raise ClientError("The file is larger than anything this client fetches.")
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
