"""The log's own keys: the one that signs checkpoints and map heads, its post-quantum companion, the service key.

They are files outside the database, readable by the service's user only. Keys of people are never here.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.conf import settings

from custody.proof.note_keys import Cosigner, NoteSigner
from custody.proof.signatures import Algorithm, SigningKey

LOG_KEY = "log_key.der"
POST_QUANTUM_KEY = "log_key_ml_dsa_44.der"
SERVICE_KEY = "service_key.der"


class KeyFileError(RuntimeError):
    """A key file is missing or readable by others."""


def log_origin() -> str:
    """Return the log's name, which stands in every record."""
    return str(settings.LOG_ORIGIN)


def write_key_file(name: str, data: bytes) -> Path:
    """Write a new key file (0600, durable); an existing one is never replaced."""
    path = Path(settings.KEYS_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def read_key_file(name: str) -> bytes:
    """Read a key file; refuse one that others can read."""
    path = Path(settings.KEYS_DIR) / name
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path} can be read by others; set its mode to 0600")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path} is missing; run `manage.py open_log` or restore the keys") from error


def make_log_key() -> None:
    """Make the key that signs checkpoints and map heads."""
    alg = Algorithm.ES256 if settings.FIPS else Algorithm.ED25519
    write_key_file(LOG_KEY, SigningKey.generate(alg).to_pkcs8())


def make_post_quantum_key() -> None:
    """Make the key that signs checkpoints beside the first one; a log that never had it goes on without."""
    write_key_file(POST_QUANTUM_KEY, SigningKey.generate(Algorithm.ML_DSA_44).to_pkcs8())


def make_service_key() -> SigningKey:
    """Make the key with which machines sign their own acts; it is enrolled like a person's."""
    key = SigningKey.generate()
    write_key_file(SERVICE_KEY, key.to_pkcs8())
    return key


@cache
def note_signer() -> NoteSigner:
    """Return the signer of checkpoints and map heads."""
    return NoteSigner(log_origin(), log_key())


@cache
def post_quantum_signer() -> Cosigner | None:
    """Return the signer that has the log's ML-DSA-44 key; None for a log without one."""
    if not (Path(settings.KEYS_DIR) / POST_QUANTUM_KEY).exists():
        return None
    return Cosigner(log_origin(), SigningKey.from_pkcs8(read_key_file(POST_QUANTUM_KEY)))


@cache
def log_key() -> SigningKey:
    """Return the log's key: checkpoints are signed with it as notes, map heads as envelopes."""
    return SigningKey.from_pkcs8(read_key_file(LOG_KEY))


@cache
def service_key() -> SigningKey:
    """Return the machines' key."""
    return SigningKey.from_pkcs8(read_key_file(SERVICE_KEY))


def forget() -> None:
    """Drop the keys read so far (tests change the folder)."""
    note_signer.cache_clear()
    post_quantum_signer.cache_clear()
    log_key.cache_clear()
    service_key.cache_clear()
