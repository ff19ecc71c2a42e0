"""Check what a passkey signs (W3C Web Authentication, level 3): its two messages, and where it may be used.

A passkey signs authenticatorData || SHA-256(clientDataJSON). The browser writes into clientDataJSON which page
asked, and the challenge, which is SHA-256 of the record's signing input (PAE): so the signature is over this
record and no other. Does not know records or keys' owners (signers.py), and no attestation (custody/acts).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from . import canonical, digests, members, signatures
from .canonical import JSON
from .errors import MalformedError, SignatureError

# Browsers write some 200 bytes; authenticators 37, and a few hundred with extensions.
MAX_CLIENT_DATA = 4096
MAX_AUTHENTICATOR_DATA = 1024

_TYPE = "webauthn.get"
PIN = "webauthn"
_FIXED = 37  # SHA-256 of the rp id, one byte of flags, four of the signature counter
# Web Authentication, section 6.1: the bits of the flags.
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*)(?::([1-9][0-9]{{0,4}}))?")
_MAX_DOMAIN = 253
_DEFAULT_PORTS = {"https": "443", "http": "80"}


class Flaw(StrEnum):
    """What can be wrong with a passkey's signature, besides the signature itself."""

    FORM = "form"
    MALFORMED = "malformed"
    TYPE = "type"
    CHALLENGE = "challenge"
    ORIGIN = "origin"
    RP = "rp"
    USER = "user"
    BACKUP = "backup"
    SITE = "site"


class PasskeyError(SignatureError):
    """A signature that was made in another way, or for something else, than this record; `flaw` says which."""

    def __init__(self, flaw: Flaw, message: str) -> None:
        super().__init__(message)
        self.flaw = flaw


@dataclass(frozen=True)
class Assertion:
    """The two messages that a passkey's signature is over, as the browser handed them out."""

    authenticator_data: bytes
    client_data: bytes

    def signed_bytes(self) -> bytes:
        return self.authenticator_data + digests.sha256(self.client_data)

    def to_json(self) -> dict[str, JSON]:
        """Write it as members of the signature, under the names that browsers use."""
        return {
            "authenticatorData": digests.b64(self.authenticator_data),
            "clientDataJSON": digests.b64(self.client_data),
        }

    @classmethod
    def from_json(cls, parts: Mapping[str, JSON]) -> "Assertion":
        """Read it from members of a signature. Raises MalformedError."""
        return cls(
            members.data(parts["authenticatorData"], "authenticator's message"),
            members.data(parts["clientDataJSON"], "browser's message"),
        )


@dataclass(frozen=True)
class Site:
    """Where passkeys may be used: the domain they are bound to, and one web origin below it."""

    rp_id: str
    origin: str

    def pin(self) -> str:
        """Write it as a line of a policy."""
        return f"#pin {PIN} {self.rp_id} {self.origin}"


@dataclass(frozen=True)
class AuthenticatorData:
    rp_id_hash: bytes
    user_present: bool
    user_verified: bool
    backup_eligible: bool  # the passkey can be copied to other devices, by its maker's account
    backed_up: bool  # it has been


def challenge_of(message: bytes) -> bytes:
    """Give the challenge that a passkey must sign for this signing input."""
    return digests.sha256(message)


def read_site(rp_id: str, origin: str) -> Site:
    """Read a domain and an origin strictly. Raises MalformedError.

    Numeric addresses are no domains for a passkey, and plain http is one only on the machine itself.
    """
    match = _ORIGIN.fullmatch(origin)
    if not match or not _DOMAIN.fullmatch(rp_id) or max(len(rp_id), len(match[2])) > _MAX_DOMAIN:
        raise MalformedError("A site of passkeys is not a domain and an origin in lower case.")
    scheme, host, port = match[1], match[2], match[3]
    if host.rpartition(".")[2].isdecimal():
        raise MalformedError("A site of passkeys is a numeric address; passkeys need a name.")
    if port is not None and (port == _DEFAULT_PORTS[scheme] or int(port) > 0xFFFF):
        raise MalformedError("The origin of a site of passkeys names its usual port, or one that is none.")
    if host != rp_id and not host.endswith(f".{rp_id}"):
        raise MalformedError("The origin of a site of passkeys is not below its domain.")
    if scheme == "http" and not (host == "localhost" or host.endswith(".localhost")):
        raise MalformedError("The origin of a site of passkeys is neither https nor this machine itself.")
    return Site(rp_id, origin)


def read_authenticator_data(data: bytes) -> AuthenticatorData:
    """Read the authenticator's message. Raises MalformedError."""
    if not _FIXED <= len(data) <= MAX_AUTHENTICATOR_DATA:
        raise MalformedError("The authenticator's message is too short or too long.")
    flags = data[32]
    if flags & _ATTESTED:
        raise MalformedError("The authenticator's message brings in a key, as only a registration does.")
    if bool(flags & _EXTENDED) != (len(data) > _FIXED):
        raise MalformedError("The authenticator's message has another length than its flags say.")
    if flags & _BACKED_UP and not flags & _ELIGIBLE:
        raise MalformedError("The authenticator's message says that a key was copied that cannot be.")
    return AuthenticatorData(
        rp_id_hash=data[:32],
        user_present=bool(flags & _PRESENT),
        user_verified=bool(flags & _VERIFIED),
        backup_eligible=bool(flags & _ELIGIBLE),
        backed_up=bool(flags & _BACKED_UP),
    )


def read_client_data(data: bytes) -> Mapping[str, object]:
    """Read the browser's message: JSON that no two readers can take differently. Raises MalformedError.

    Browsers do not write canonical JSON, and may add members; what is refused is a member given twice.
    """
    if len(data) > MAX_CLIENT_DATA:
        raise MalformedError(f"The browser's message is larger than {MAX_CLIENT_DATA} bytes.")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError("The browser's message is not JSON in UTF-8.") from error
    canonical.check_depth(value)
    if not isinstance(value, dict) or not all(
        isinstance(value.get(name), str) for name in ("type", "challenge", "origin")
    ):
        raise MalformedError("The browser's message does not name its type, challenge and origin.")
    if not isinstance(value.get("crossOrigin", False), bool):
        raise MalformedError("The browser's message does not say whether another page was around it.")
    return value


def check(
    assertion: Assertion,
    sig: bytes,
    *,
    spki: bytes,
    message: bytes,
    sites: Iterable[Site],
    backup_eligible: bool,
) -> None:
    """Return if the passkey signed this message, on a page of one of the sites, its person verified.

    Raises PasskeyError, in the order of docs/proof-format.md, section 2; SignatureError for the signature.
    """
    try:
        said = read_client_data(assertion.client_data)
        made = read_authenticator_data(assertion.authenticator_data)
    except MalformedError as error:
        raise PasskeyError(Flaw.MALFORMED, str(error)) from error
    if said["type"] != _TYPE:
        raise PasskeyError(Flaw.TYPE, "The passkey was not asked to sign: its answer is of another type.")
    if said["challenge"] != digests.b64url(challenge_of(message)):
        raise PasskeyError(Flaw.CHALLENGE, "The passkey signed something else than this record.")
    _check_site(said, made, tuple(sites))
    if not (made.user_present and made.user_verified):
        raise PasskeyError(Flaw.USER, "The passkey signed without making sure that its person was there.")
    if made.backup_eligible != backup_eligible:
        raise PasskeyError(
            Flaw.BACKUP, "The passkey says otherwise than its registration whether it can be copied."
        )
    signatures.verify(spki, sig, assertion.signed_bytes())


def _check_site(said: Mapping[str, object], made: AuthenticatorData, sites: tuple[Site, ...]) -> None:
    if not sites:
        raise PasskeyError(Flaw.SITE, "The log does not say on which pages passkeys may be used.")
    here = [site for site in sites if site.origin == said["origin"]]
    if not here:
        raise PasskeyError(
            Flaw.ORIGIN,
            f"The passkey was used on a page that the log does not know: {said['origin']!a:.120}.",
        )
    if said.get("crossOrigin", False) or "topOrigin" in said:
        raise PasskeyError(Flaw.ORIGIN, "The passkey was used inside a page of somebody else.")
    if made.rp_id_hash not in {digests.sha256(site.rp_id.encode("ascii")) for site in here}:
        raise PasskeyError(Flaw.RP, "The passkey belongs to another domain than the page it was used on.")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("The browser's message names a member twice.")
    return members


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
