"""Check a time stamp token (RFC 3161): an outside authority's word that some bytes existed at a time.

A token is a CMS message over a TSTInfo. Trust comes from pins and from nowhere else: the certificates that
travel in a token were put there by whoever made it, so all but those with a pinned SHA-256 are ignored,
unread. There is no chain, no certificate store and no clock here; the pinned certificate itself must travel
in the token, and its dates are compared with the time that the token states.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from . import cms_message, cms_signature, der
from .cms_message import Hash, SignedData, SignerInfo, read_digest, require
from .errors import MalformedError, ProofError, SignatureError

_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_TIME = re.compile(rb"([0-9]{14})(\.[0-9]*[1-9])?Z")
# Years beyond this one cannot be reckoned with; no authority lives that long.
_LAST_YEAR = 9998


class NotPinnedError(ProofError):
    """The token was signed with a certificate that is not pinned, or does not carry the pinned one."""


@dataclass(frozen=True)
class Info:
    """A TSTInfo: what the authority states."""

    digest: Hash
    imprint: bytes
    time: datetime  # UTC, whole seconds: fractions are dropped
    accuracy: timedelta  # how far off the time may be, whole seconds, rounded up
    nonce: int | None


@dataclass(frozen=True)
class TimeStamp:
    """A token that holds, and the pinned certificate it was signed with."""

    info: Info
    certificate: x509.Certificate

    @property
    def earliest(self) -> datetime:
        return self.info.time - self.info.accuracy

    @property
    def latest(self) -> datetime:
        return self.info.time + self.info.accuracy

    @property
    def expires(self) -> datetime:
        """Until when its certificate is valid: later, only a renewal shows that the token is not a forgery."""
        return self.certificate.not_valid_after_utc

    @property
    def pin(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def authority(self) -> str:
        """The name in the certificate, for sentences."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else f"certificate {self.pin[:16]}"


def check(token: bytes, message: bytes, pins: Sequence[str]) -> TimeStamp:
    """Return the stamp if a pinned authority made it, then entitled to, over exactly this message.

    Raises NotPinnedError, or MalformedError or SignatureError if the token is broken or of another message.
    """
    signed = parse(token)
    info = read_info(signed.content or b"")
    require(
        hashlib.new(info.digest.name, message).digest() == info.imprint,
        "The time stamp was made for something else.",
    )
    certificate = _pinned(signed, pins)
    _check_purpose(certificate)
    if not certificate.not_valid_before_utc <= info.time <= certificate.not_valid_after_utc:
        raise SignatureError("The authority's certificate was not valid at the time of the stamp.")
    if not cms_message.names_certificate(signed.signer.sid, certificate):
        raise SignatureError("The time stamp names two different certificates as its signer's.")
    cms_signature.verify(certificate, signed.signer)
    return TimeStamp(info, certificate)


def parse(token: bytes) -> SignedData:
    """Read a token strictly, and that its signed attributes are over its content. Verifies no signature."""
    signed = cms_message.parse(token)
    signer = signed.signer
    require(signed.version == 3, "The version of the token's CMS message is not 3.")
    require(signed.content_type == _TST_INFO and signed.content is not None, "The token holds no TSTInfo.")
    require(signer.unsigned is None, "The token has unsigned attributes, which nothing protects.")
    content_type = signer.attribute(cms_message.CONTENT_TYPE).expect(der.OID, "content type").content
    require(content_type == _TST_INFO, "The token says it signs something else than a TSTInfo.")
    digest = signer.attribute(cms_message.MESSAGE_DIGEST).expect(der.OCTET_STRING, "message digest").content
    if hashlib.new(signer.digest.name, signed.content or b"").digest() != digest:
        raise SignatureError("The token's signature is over other bytes than those in it.")
    return signed


def read_info(data: bytes) -> Info:
    """Read a TSTInfo (RFC 3161, 2.4.2)."""
    parts = der.Parts(der.read(data), "TSTInfo")
    version = der.small_integer(parts.take(der.INTEGER, "version"), "version")
    require(version == 1, "The version of the TSTInfo is not 1.")
    parts.take(der.OID, "policy")
    imprint = der.Parts(parts.take(der.SEQUENCE, "message imprint"), "message imprint")
    digest = read_digest(imprint.take(der.SEQUENCE, "digest algorithm"))
    hashed = imprint.take(der.OCTET_STRING, "hash").content
    imprint.end()
    parts.take(der.INTEGER, "serial number")
    time, fraction = _time(parts.take(der.GENERALIZED_TIME, "time").content)
    accuracy = _accuracy(parts.take_if(der.SEQUENCE))
    ordering = parts.take_if(der.BOOLEAN)
    require(ordering is None or ordering.content in (b"\0", b"\xff"), "The ordering is not yes or no.")
    nonce = parts.take_if(der.INTEGER)
    parts.take_if(der.context(0))  # the authority's name: a hint, the pin decides
    _check_extensions(parts.take_if(der.context(1)))
    parts.end()
    number = None if nonce is None else int.from_bytes(nonce.content, "big", signed=True)
    return Info(digest, hashed, time, accuracy + fraction, number)


def _time(content: bytes) -> tuple[datetime, timedelta]:
    """Read a GeneralizedTime as DER wants it; give what dropping its fraction may have cost."""
    match = _TIME.fullmatch(content)
    if match is None:
        raise MalformedError("The time of the stamp is not written as YYYYMMDDhhmmssZ.")
    try:
        time = datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("The time of the stamp is a day or hour that does not exist.") from error
    require(1950 <= time.year <= _LAST_YEAR, "The time of the stamp is not of this age.")
    return time, timedelta(seconds=1 if match[2] else 0)


def _accuracy(element: der.Element | None) -> timedelta:
    """Read an Accuracy, rounded up to whole seconds; absent, the authority claims to be exact."""
    if element is None:
        return timedelta(0)
    parts = der.Parts(element, "accuracy")
    seconds = parts.take_if(der.INTEGER)
    finer = [parts.take_if(0x80), parts.take_if(0x81)]  # milliseconds and microseconds, below one second
    parts.end()
    whole = 0 if seconds is None else der.small_integer(seconds, "accuracy")
    return timedelta(seconds=whole + any(finer))


def _check_extensions(element: der.Element | None) -> None:
    """An extension that must be understood is not; others may say what they like."""
    for child in element.children() if element else ():
        parts = der.Parts(child, "extension")
        parts.take(der.OID, "name")
        critical = parts.take_if(der.BOOLEAN)
        parts.take(der.OCTET_STRING, "value")
        parts.end()
        require(
            critical is None or critical.content == b"\0",
            "The time stamp has a critical extension that this format does not know.",
        )


def _pinned(signed: SignedData, pins: Sequence[str]) -> x509.Certificate:
    """Find the certificate that is in the token, is pinned, and is named by the signed attributes."""
    for element in signed.certificates:
        if hashlib.sha256(element.raw).hexdigest() in pins and _names(signed.signer, element.raw):
            return cms_message.read_certificate(element)
    raise NotPinnedError("The time stamp is not signed with a pinned certificate that travels in it.")


def _names(signer: SignerInfo, certificate: bytes) -> bool:
    """Tell whether signing-certificate (RFC 2634) and its version 2 (RFC 5035) name this certificate."""
    named = []
    if cms_message.SIGNING_CERTIFICATE_V2 in signer.attributes:
        first = _first_named(signer.attribute(cms_message.SIGNING_CERTIFICATE_V2))
        explicit = first.take_if(der.SEQUENCE)
        algorithm = "sha256" if explicit is None else read_digest(explicit).name
        named.append((algorithm, first))
    if cms_message.SIGNING_CERTIFICATE in signer.attributes:
        named.append(("sha1", _first_named(signer.attribute(cms_message.SIGNING_CERTIFICATE))))
    require(bool(named), "The time stamp does not name the certificate of its signer.")
    # SHA-1 only tells which of two certificates is meant; the pin, a SHA-256, decides whether it may be.
    return all(
        part.take(der.OCTET_STRING, "certificate hash").content
        == hashlib.new(algorithm, certificate, usedforsecurity=False).digest()
        for algorithm, part in named
    )


def _first_named(attribute: der.Element) -> der.Parts:
    names = der.Parts(attribute, "signing certificate").take(der.SEQUENCE, "list of signing certificates")
    return der.Parts(_first(names.children()), "signing certificate")


def _first(elements: Sequence[der.Element]) -> der.Element:
    require(bool(elements), "The list of signing certificates is empty.")
    return elements[0]


def _check_purpose(certificate: x509.Certificate) -> None:
    """RFC 3161, 2.3: made for time stamps and nothing else, and says so critically."""
    try:
        extensions = certificate.extensions
        purpose = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        usages = [one.value for one in extensions if isinstance(one.value, x509.KeyUsage)]
    except x509.ExtensionNotFound as error:
        raise SignatureError("The authority's certificate is not made for time stamps.") from error
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise MalformedError("The authority's certificate has extensions that cannot be read.") from error
    if not purpose.critical or list(purpose.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise SignatureError("The authority's certificate is not made for time stamps and nothing else.")
    if not all(usage.digital_signature or usage.content_commitment for usage in usages):
        raise SignatureError("The authority's certificate is not made for signatures.")
