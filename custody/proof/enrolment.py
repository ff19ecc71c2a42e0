"""Read what records say about keys: whose is enrolled with which roles, which is revoked or suspected.

Does not decide which key counts at which place in the log (verify.py) nor who may enrol one (rules.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from . import digests, members
from .canonical import JSON
from .errors import MalformedError
from .signatures import Algorithm, algorithm_of
from .vocabulary import KeyKind, Role

# Verifiers in browsers must be able to check every record: what people sign with stays classical for now.
ENROLLED_ALGORITHMS = frozenset({Algorithm.ES256, Algorithm.ED25519, Algorithm.RS256})


@dataclass(frozen=True)
class PasskeyFacts:
    """What was known of a passkey when it was enrolled."""

    attestation: bytes  # SHA-256 of the attestation object in which its authenticator vouched for it
    backup_eligible: (
        bool  # it can be copied to other devices by its maker's account; if not, it is in one device
    )
    backed_up: bool  # it had been, by then

    def to_json(self) -> dict[str, JSON]:
        return {
            "attestation": digests.b64(self.attestation),
            "backup_eligible": self.backup_eligible,
            "backed_up": self.backed_up,
        }


@dataclass(frozen=True)
class EnrolledKey:
    """A key with its owner, as `genesis` and `key.register` name it."""

    keyid: str
    spki: bytes
    alg: Algorithm
    person: UUID
    roles: frozenset[Role]
    kind: KeyKind
    passkey: PasskeyFacts | None = None  # exactly for the kind webauthn

    def to_json(self) -> dict[str, JSON]:
        """Write it as the member `key` or as one of `roots`."""
        facts: dict[str, JSON] = {"passkey": self.passkey.to_json()} if self.passkey else {}
        return facts | {
            "keyid": self.keyid,
            "spki": digests.b64(self.spki),
            "alg": str(self.alg),
            "person": str(self.person),
            "roles": sorted(str(role) for role in self.roles),
            "kind": str(self.kind),
        }


def read_roots(value: JSON) -> tuple[EnrolledKey, ...]:
    """Read the member `roots` of genesis."""
    roots = tuple(read_enrolled(part) for part in members.array(value, "list of root keys"))
    if not roots or len({root.keyid for root in roots}) != len(roots):
        raise MalformedError("The root keys of the log are missing, or one is listed twice.")
    return roots


def read_enrolled(value: JSON) -> EnrolledKey:
    """Read the member `key` of key.register."""
    facts = ("passkey",) if isinstance(value, Mapping) and value.get("kind") == KeyKind.WEBAUTHN else ()
    names = ("keyid", "spki", "alg", "person", "roles", "kind", *facts)
    parts = members.exactly(value, names, "enrolled key")
    spki = members.data(parts["spki"], "public key")
    key = EnrolledKey(
        keyid=members.keyid(parts["keyid"], "key id"),
        spki=spki,
        alg=members.word(parts["alg"], Algorithm, "algorithm of a key"),
        person=members.uuid(parts["person"], "owner of a key"),
        roles=frozenset(
            members.word(part, Role, "role") for part in members.array(parts["roles"], "list of roles")
        ),
        kind=members.word(parts["kind"], KeyKind, "kind of a key"),
        passkey=_passkey(parts["passkey"]) if facts else None,
    )
    if digests.keyid(spki) != key.keyid or algorithm_of(spki) is not key.alg:
        raise MalformedError("The key id or the algorithm of an enrolled key is not that of its public key.")
    if key.alg not in ENROLLED_ALGORITHMS:
        raise MalformedError(f"A key of the algorithm {key.alg} cannot be enrolled.")
    if not key.roles or key.to_json()["roles"] != parts["roles"]:
        raise MalformedError(
            "The roles of an enrolled key are missing, doubled or not in alphabetical order."
        )
    if key.alg is Algorithm.RS256 and key.kind is not KeyKind.WEBAUTHN:
        raise MalformedError("An RSA key is enrolled that is no passkey.")
    return key


def _passkey(value: JSON) -> PasskeyFacts:
    parts = members.exactly(value, ("attestation", "backup_eligible", "backed_up"), "passkey")
    facts = PasskeyFacts(
        attestation=members.hash32(parts["attestation"], "attestation of a passkey"),
        backup_eligible=members.flag(parts["backup_eligible"], "backup of a passkey"),
        backed_up=members.flag(parts["backed_up"], "backup of a passkey"),
    )
    if facts.backed_up and not facts.backup_eligible:
        raise MalformedError("A passkey is said to be copied that cannot be.")
    return facts


def read_revoked(value: JSON) -> str:
    """Read the member `key` of key.revoke: the id of the key."""
    return members.keyid(members.exactly(value, ("keyid",), "revoked key")["keyid"], "revoked key")


def read_suspected(value: JSON) -> tuple[str, datetime]:
    """Read the member `key` of key.suspect: the id of the key, and since when it may be in other hands."""
    parts = members.exactly(value, ("keyid", "since"), "suspected key")
    since = members.time(parts["since"], "time since which a key is suspected")
    return members.keyid(parts["keyid"], "suspected key"), since
