"""The outside authorities that stamp the log's heads (RFC 3161): which are configured. Asks none (stamping.py)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings


class AuthorityError(RuntimeError):
    """An authority is badly configured, did not answer, or answered with something unusable; said in words."""


@dataclass(frozen=True)
class Authority:
    """Where to ask, and the certificates it signs with: the present one and, for old stamps, former ones."""

    url: str
    pins: tuple[str, ...]

    @property
    def name(self) -> str:
        """The address as people read it: without scheme and without a password that may stand in it."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def configured() -> tuple[Authority, ...]:
    """Return the authorities of the settings. Raises AuthorityError if one cannot be used."""
    return tuple(_authority(url, pem) for url, pem in settings.TIME_AUTHORITIES if url or pem)


def pins() -> tuple[str, ...]:
    """Return what policies pin: the SHA-256 of every certificate of every authority, each once."""
    return tuple(dict.fromkeys(pin for authority in configured() for pin in authority.pins))


def _authority(url: str, pem: str) -> Authority:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AuthorityError(
            "The address of a time stamping authority does not begin with http:// or https://."
        )
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise AuthorityError(f"The certificates of {parts.hostname} are not PEM: {error}") from error
    return Authority(url, tuple(one.fingerprint(hashes.SHA256()).hex() for one in certificates))
