"""A time stamping authority of the tests (RFC 3161), honest and otherwise, and stamps in the log of a world."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from custody.proof import cms, cms_message, cms_stamp, der, merkle, seal, timestamp_query
from custody.proof.bundle import AnchorPart, BundleParts, EntryPart
from custody.proof.canonical import JSON
from custody.proof.checkpoint import Checkpoint
from custody.proof.digests import b64
from custody.proof.policy import Policy
from tests.proof.sealed import PrivateKey, p256
from tests.proof.world import T, World

TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_OID = {
    "sha256": "608648016503040201",
    "sha384": "608648016503040202",
    "sha512": "608648016503040203",
    "ecdsa-sha256": "2a8648ce3d040302",
    "ecdsa-sha384": "2a8648ce3d040303",
    "ecdsa-sha512": "2a8648ce3d040304",
    "rsa-sha256": "2a864886f70d01010b",
    "rsa-sha384": "2a864886f70d01010c",
    "rsa-sha512": "2a864886f70d01010d",
    "rsa": "2a864886f70d010101",
    "pss": "2a864886f70d01010a",
    "mgf1": "2a864886f70d010108",
    "policy": "2b0601040183bf3002",
}
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def seq(*parts: bytes) -> bytes:
    return der.write(der.SEQUENCE, *parts)


def oid(name: str) -> bytes:
    return der.write(der.OID, bytes.fromhex(_OID[name]))


def algorithm(name: str) -> bytes:
    return seq(oid(name), der.write(der.NULL))


@dataclass(frozen=True)
class Stamper:
    """Signs tokens; the fields below change what it writes, for tokens that must be refused."""

    key: PrivateKey
    certificate: x509.Certificate
    digest: str = "sha256"
    imprint_digest: str = "sha256"
    scheme: str = ""  # of RSA: "rsa" (bare), "pss", else with the digest in its name
    version_1: bool = False  # name the certificate by SHA-1, as RFC 2634 did
    travels: bool = True  # the certificate is in the token
    others: Sequence[x509.Certificate] = ()  # certificates that travel too
    accuracy: bytes = b""
    tail: bytes = b""  # what follows the nonce in the TSTInfo
    unsigned: bytes = b""
    requests: list[bytes] = field(default_factory=list)

    @property
    def pin(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def but(self, **changed: object) -> "Stamper":
        return replace(self, **changed)  # type: ignore[arg-type]

    def token(self, message: bytes, time: datetime, nonce: int | None = None) -> bytes:
        hashed = hashlib.new(self.imprint_digest, message).digest()
        return self.token_over(
            seq(algorithm(self.imprint_digest), der.write(der.OCTET_STRING, hashed)), time, nonce
        )

    def token_over(self, imprint: bytes, time: datetime, nonce: int | None = None) -> bytes:
        info = seq(
            der.write_integer(1),
            oid("policy"),
            imprint,
            der.write_integer(int.from_bytes(hashlib.sha256(imprint).digest()[:8], "big")),
            der.write(der.GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ").encode()),
            self.accuracy,
            der.write_integer(nonce) if nonce is not None else b"",
            self.tail,
        )
        return self.sign(info)

    def sign(self, info: bytes) -> bytes:
        attributes = der.write(der.SET, *sorted(self._attributes(info)))
        certificates = [self.certificate, *self.others] if self.travels else list(self.others)
        embedded = [one.public_bytes(serialization.Encoding.DER) for one in certificates]
        signer = seq(
            der.write_integer(1),
            seq(self.certificate.issuer.public_bytes(), der.write_integer(self.certificate.serial_number)),
            algorithm(self.digest),
            bytes([der.context(0)]) + attributes[1:],
            self._algorithm(),
            der.write(der.OCTET_STRING, self._signature(attributes)),
            self.unsigned,
        )
        content = der.write(der.context(0), der.write(der.OCTET_STRING, info))
        signed = seq(
            der.write_integer(3),
            der.write(der.SET, algorithm(self.digest)),
            seq(der.write(der.OID, TST_INFO), content),
            der.write(der.context(0), *embedded) if embedded else b"",
            der.write(der.SET, signer),
        )
        return seq(der.write(der.OID, cms_message.SIGNED_DATA), der.write(der.context(0), signed))

    def _attributes(self, info: bytes) -> list[bytes]:
        raw = self.certificate.public_bytes(serialization.Encoding.DER)
        hashed = der.write(
            der.OCTET_STRING, hashlib.new("sha1" if self.version_1 else "sha256", raw).digest()
        )
        named = cms_message.SIGNING_CERTIFICATE if self.version_1 else cms_message.SIGNING_CERTIFICATE_V2
        digest = hashlib.new(self.digest, info).digest()
        return [
            _attribute(cms_message.CONTENT_TYPE, der.write(der.OID, TST_INFO)),
            _attribute(cms_message.MESSAGE_DIGEST, der.write(der.OCTET_STRING, digest)),
            _attribute(named, seq(seq(seq(hashed)))),
        ]

    def _algorithm(self) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return seq(oid(f"ecdsa-{self.digest}"))
        if self.scheme == "pss":
            mask = der.write(der.context(1), seq(oid("mgf1"), algorithm(self.digest)))
            salt = der.write(der.context(2), der.write_integer(32))
            return seq(oid("pss"), seq(der.write(der.context(0), algorithm(self.digest)), mask, salt))
        return algorithm(self.scheme or f"rsa-{self.digest}")

    def _signature(self, attributes: bytes) -> bytes:
        digest = _HASHES[self.digest]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(attributes, ec.ECDSA(digest))
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=32)
        return self.key.sign(attributes, pss if self.scheme == "pss" else padding.PKCS1v15(), digest)

    def answer(self, request: bytes, now: datetime) -> bytes:
        """Answer a request as a server does."""
        self.requests.append(request)
        parts = der.Parts(der.read(request), "request")
        parts.take(der.INTEGER, "version")
        imprint = parts.take(der.SEQUENCE, "imprint").raw
        nonce = parts.take_if(der.INTEGER)
        number = None if nonce is None else int.from_bytes(nonce.content, "big", signed=True)
        return seq(seq(der.write_integer(0)), self.token_over(imprint, now, number))


def _attribute(name: bytes, value: bytes) -> bytes:
    return seq(der.write(der.OID, name), der.write(der.SET, value))


def stamper(
    name: str = "Time authority",
    key: PrivateKey | None = None,
    *,
    begin: datetime = BEGIN,
    years: int = 10,
    usages: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.TIME_STAMPING,),
    critical: bool = True,
    signs: bool = True,
) -> Stamper:
    """Make an authority with a certificate of its own; the issuer does not matter, the pin does."""
    key = key or p256()
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        (
            "content_commitment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}: issuer")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * years))
        .add_extension(
            x509.KeyUsage(digital_signature=signs, key_encipherment=not signs, key_cert_sign=False, **usage),
            critical=True,
        )
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    return Stamper(key, builder.sign(p256(), hashes.SHA256()))


# -- in the log of a world -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stamped:
    """A stamp over a head of a world's log, and where in the log its record lies."""

    head: Checkpoint
    token: bytes
    index: int


def stamp(world: World, by: Stamper, time: datetime | None = None) -> Stamped:
    """Stamp the newest head and record the token, as the server does; the record is not published yet."""
    head = world.checkpoint
    token = timestamp_query.trimmed(by.token(head.text().encode(), time or world.now), [by.pin])
    extra: dict[str, JSON] = {"token": b64(token), "checkpoint": head.text()}
    return Stamped(head, token, world.record(T.ANCHOR, world.service, extra=extra))


def with_stamps(world: World, parts: BundleParts, *stamps: Stamped) -> BundleParts:
    """Add stamps to a bundle, with their records as far as the published log has them."""
    reader = merkle.reader_of(world.leaves())
    size = world.checkpoint.size
    anchors = tuple(
        AnchorPart(one.head.text(), one.token, tuple(merkle.consistency_proof(one.head.size, size, reader)))
        for one in stamps
    )
    there = {part.index for part in parts.entries}
    more = [world.entry_part(one.index) for one in stamps if one.index < size and one.index not in there]
    entries = tuple(sorted((*parts.entries, *more), key=lambda part: part.index))
    kept = {part.index for part in entries if isinstance(part, EntryPart)}
    maps = dict.fromkeys((part.ns, part.id) for part in parts.maps)
    seen = {(part.size, part.root): part for part in (*parts.seen, *world.seen_parts(kept))}
    service = world.map_part(("keyctl", world.service.key.keyid))  # type: ignore[arg-type]
    if (service.ns, service.id) not in maps:
        missing = world.indices(("keyctl", world.service.key.keyid)) - there  # type: ignore[arg-type]
        entries = tuple(sorted((*entries, *map(world.entry_part, missing)), key=lambda part: part.index))
        parts = replace(parts, maps=(*parts.maps, service))
    return replace(parts, entries=entries, seen=tuple(seen.values()), anchors=anchors)


# -- on a seal -------------------------------------------------------------------------------------------------


def on_seal(report: bytes, make: Callable[[bytes], bytes]) -> bytes:
    """Put a token over the seal's signature into a sealed report that has room for it."""
    start, end = seal.gap(report)
    message = seal.message_in(report[start:end])
    digits = cms_stamp.stamped(message, make(cms.parse(message).signer.signature)).hex().encode()
    return report[: start + 1] + digits.ljust(end - start - 2, b"0") + report[end - 1 :]


def pinning(world: World, *stampers: Stamper) -> Policy:
    return replace(world.policy, stampers=tuple(one.pin for one in stampers))
