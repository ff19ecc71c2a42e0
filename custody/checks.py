"""Refuses to start unsafe: Django system checks, run before anything is served.

    manage.py check --deploy --database default       (what `manage.py up` and the containers run)

Those about the database need `--database`. Run as the owner of the tables, as `migrate` does, they hold their
tongue; only with `--deploy`, that is before serving, an owner's or superuser's role is an error itself. What
is looked up in the database is in checks_database.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from custody import checks_database
from custody.ledger import authorities

TAG = "unbroken"
# From this version on encrypting large buffers releases the interpreter lock (docs/adr).
CRYPTOGRAPHY = 50
MIN_SECRET = 32
OTHERS = 0o077
TIME_AUTHORITY = (
    "Set UNBROKEN_TSA_1 to the authority's address and UNBROKEN_TSA_1_CERTIFICATE_FILE to a PEM file with the "
    "certificate it signs with (of the second: UNBROKEN_TSA_2), or neither."
)
DEMONSTRATION = "demonstration.invalid"
# Named in custody/reports/seal.py, whose imports would cost every process a second.
PUBLIC_FILES = {"seal-certificate.pem", "seal-authority.pem"}


@register(TAG)
def secret_key(**_: Any) -> Sequence[CheckMessage]:  # Any: Django's own signature
    """Sessions and the addresses of files are signed with it."""
    try:
        settings.SECRET_KEY  # noqa: B018 - an empty one raises
    except ImproperlyConfigured:
        hint = "Set UNBROKEN_SECRET_KEY, or UNBROKEN_SECRET_KEY_FILE, to at least 32 random characters."
        return [Error("There is no secret key.", hint=hint, id="custody.E001")]
    return []


@register(TAG, deploy=True)
def secret_key_is_long(**_: Any) -> Sequence[CheckMessage]:
    """A short one can be guessed, and with it the address of any file."""
    try:
        length = len(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return []  # said above
    if length >= MIN_SECRET:
        return []
    hint = "Set UNBROKEN_SECRET_KEY to at least 32 random characters, for example `openssl rand -hex 32`."
    return [Error(f"The secret key has {length} characters only.", hint=hint, id="custody.E002")]


@register(TAG)
def witnesses(**_: Any) -> Sequence[CheckMessage]:
    """Who must cosign the heads of the log is said in a file, which must be readable and mean something."""
    from custody.ledger import log_policy  # its models need the apps

    try:
        log_policy.named_witnesses()
    except log_policy.WitnessesError as error:
        hint = "Lines are those of a C2SP tlog-policy: witness NAME VKEY URL, group, quorum (docs/operations.md)."
        return [Error(str(error), hint=hint, id="custody.E030")]
    return []


@register(TAG)
def debug(**_: Any) -> Sequence[CheckMessage]:
    """Error pages of DEBUG show settings and data to whoever causes an error."""
    if not settings.DEBUG:
        return []
    hint = "Unset UNBROKEN_DEBUG; it is for work on the code, with keys that protect nothing."
    if settings.LOG_ORIGIN.startswith(DEMONSTRATION) or not any(_secrets()):
        return [Warning("DEBUG is on.", hint=hint, id="custody.W003")]
    return [Error("DEBUG is on while real keys are installed.", hint=hint, id="custody.E003")]


@register(TAG)
def folders(**_: Any) -> Sequence[CheckMessage]:
    """Vault and keys belong to the service's user, and to nobody else."""
    found: list[CheckMessage] = []
    for name, folder in (("vault", Path(settings.VAULT_DIR)), ("keys", Path(settings.KEYS_DIR))):
        for path in [folder, *(_secrets() if name == "keys" else [])]:
            problem = _reachable(path)
            if problem:
                mode = "0700" if path.is_dir() else "0600"
                hint = f"Stop the service, then: chown it to the service's user and chmod {mode} {path}"
                text = f"The {name} at {path} {problem}."
                found.append(Error(text, hint=hint, id="custody.E004"))
    return found


def _secrets() -> Iterator[Path]:
    """Give the folders and files below the keys folder, but for what is public."""
    yield from sorted(path for path in Path(settings.KEYS_DIR).rglob("*") if path.name not in PUBLIC_FILES)


def _reachable(path: Path) -> str:
    """Return what is wrong with the permissions, or an empty string; what is not there yet is made right."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    return "can be read or written by others" if status.st_mode & OTHERS else ""


@register(TAG)
def cryptography(**_: Any) -> Sequence[CheckMessage]:
    """Earlier versions hold the interpreter lock while they encrypt: one upload would stop everybody."""
    installed = version("cryptography")
    number = re.match(r"\d+", installed)
    if number and int(number[0]) >= CRYPTOGRAPHY:
        return []
    hint = "Install the versions of uv.lock: `make setup`, or rebuild the image."
    text = f"cryptography {installed} is installed; {CRYPTOGRAPHY} or newer is needed."
    return [Error(text, hint=hint, id="custody.E005")]


@register(TAG)
def time_authorities(**_: Any) -> Sequence[CheckMessage]:
    """An address without certificates would be asked for stamps that nobody could count."""
    try:
        authorities.configured()
    except authorities.AuthorityError as error:
        return [Error(str(error), hint=TIME_AUTHORITY, id="custody.E006")]
    return []


@register(TAG)
def database(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Guards, rights, the log's identity, the clock: as the application sees them."""
    return list(checks_database.all_of(databases or []))


@register(TAG, deploy=True)
def database_role(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Whoever owns the tables can drop their guards, so the application must not."""
    return list(checks_database.role_of(databases or []))
