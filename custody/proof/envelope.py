"""Put a payload and its signatures into one log entry (DSSE v1), and take it out again.

What is signed is PAE(payloadType, payload), the same bytes for every kind of key. Does not look into the
payload (records.py) and does not decide whose key may sign (chain.py, rules.py). A passkey's signature comes
with the two messages it was made over (passkey.py); signers.py verifies it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import canonical, digests, members, signatures
from .errors import MalformedError, SignatureError
from .passkey import Assertion
from .records import MAP_HEAD_PAYLOAD_TYPE, MAX_ENTRY, MAX_PAYLOAD, RECORD_PAYLOAD_TYPE

# Two are needed (key.register: the enroller and the new key); the rest is room for rotation ceremonies.
MAX_SIGNATURES = 8
_ASSERTION = frozenset({"authenticatorData", "clientDataJSON"})


@dataclass(frozen=True)
class Signature:
    keyid: str
    sig: bytes
    assertion: Assertion | None = None  # of a passkey

    def to_json(self) -> dict[str, canonical.JSON]:
        plain: dict[str, canonical.JSON] = {"keyid": self.keyid, "sig": digests.b64(self.sig)}
        if self.assertion is None:
            return plain
        return plain | self.assertion.to_json()


@dataclass(frozen=True)
class Envelope:
    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def signed_bytes(self) -> bytes:
        """Give the bytes every signature of this entry is over."""
        return pae(self.payload_type, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Encode the signing input: type and payload with their lengths, so neither can leak into the other."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signatures: Sequence[Signature], payload_type: str = RECORD_PAYLOAD_TYPE) -> bytes:
    """Make the entry bytes. Does not verify the signatures."""
    entry = canonical.dumps(
        {
            "payload": digests.b64(payload),
            "payloadType": payload_type,
            "signatures": [signature.to_json() for signature in signatures],
        }
    )
    parse_entry(entry)  # nothing is sealed that could not be opened
    return entry


def parse_entry(entry: bytes) -> Envelope:
    """Open entry bytes strictly. Raises MalformedError; verifies no signature."""
    if len(entry) > MAX_ENTRY:
        raise MalformedError(f"A log entry is larger than {MAX_ENTRY} bytes.")
    parts = members.exactly(canonical.loads(entry), ("payload", "payloadType", "signatures"), "log entry")
    payload_type = members.text(parts["payloadType"], "payload type")
    if payload_type not in (RECORD_PAYLOAD_TYPE, MAP_HEAD_PAYLOAD_TYPE):
        raise MalformedError("A log entry has an unknown payload type.")
    payload = members.data(parts["payload"], "payload")
    if len(payload) > MAX_PAYLOAD:
        raise MalformedError(f"A payload is larger than {MAX_PAYLOAD} bytes.")
    return Envelope(payload_type, payload, _signatures(parts["signatures"]))


def verify_signatures(envelope: Envelope, spki_of: Mapping[str, bytes]) -> None:
    """Return if every listed signature verifies under the key of its key id; for keys that are no passkeys.

    Raises SignatureError, also for a key id not in `spki_of`: a signature nobody can check is none.
    """
    message = envelope.signed_bytes()
    for signature in envelope.signatures:
        spki = spki_of.get(signature.keyid)
        if spki is None:
            raise SignatureError(f"The key {signature.keyid} is not known.")
        if digests.keyid(spki) != signature.keyid:
            raise SignatureError(f"The key kept under {signature.keyid} is another key.")
        if signature.assertion is not None:
            raise SignatureError(f"The key {signature.keyid} is no passkey, but signed as one.")
        signatures.verify(spki, signature.sig, message)


def _signatures(value: canonical.JSON) -> tuple[Signature, ...]:
    found = tuple(_signature(part) for part in members.array(value, "list of signatures"))
    if not 1 <= len(found) <= MAX_SIGNATURES:
        raise MalformedError(f"A log entry needs 1 to {MAX_SIGNATURES} signatures.")
    if len({signature.keyid for signature in found}) != len(found):
        raise MalformedError("A key signs a log entry twice.")
    return found


def _signature(value: canonical.JSON) -> Signature:
    by_passkey = isinstance(value, Mapping) and not _ASSERTION.isdisjoint(value)
    parts = members.exactly(value, {"keyid", "sig", *(_ASSERTION if by_passkey else ())}, "signature")
    sig = members.data(parts["sig"], "signature")
    if not sig:
        raise MalformedError("A signature is empty.")
    keyid = members.keyid(parts["keyid"], "key id")
    return Signature(keyid, sig, Assertion.from_json(parts) if by_passkey else None)
