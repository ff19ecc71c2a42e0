"""Read a CMS signed message (RFC 5652) of one signer strictly, as a seal and a time stamp token need it.

Every part has its place and nothing may be left over: what nobody would check (a second signer, revocation
lists, unknown parts) is refused here. What kind of content is right, which certificates may be trusted and
whether the signature verifies is for those who know what the message is (cms.py, timestamp.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from . import der
from .errors import MalformedError

Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910020c")
SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
_DIGESTS: Mapping[bytes, Hash] = MappingProxyType(
    {
        bytes.fromhex("608648016503040201"): hashes.SHA256(),
        bytes.fromhex("608648016503040202"): hashes.SHA384(),
        bytes.fromhex("608648016503040203"): hashes.SHA512(),
    }
)


@dataclass(frozen=True)
class SignerInfo:
    sid: der.Element
    digest: Hash
    attributes_der: bytes  # as signed: with the tag of a SET
    attributes: Mapping[bytes, der.Element]
    algorithm: der.Element
    signature: bytes
    unsigned: der.Element | None

    def attribute(self, name: bytes) -> der.Element:
        """Return the one value of a signed attribute. Raises MalformedError if it is not there."""
        if name not in self.attributes:
            raise MalformedError("The CMS message lacks a signed attribute that it needs.")
        return self.attributes[name]


@dataclass(frozen=True)
class SignedData:
    version: int
    content_type: bytes
    content: bytes | None  # None: the signed bytes are elsewhere
    certificates: tuple[der.Element, ...]  # as they travel; nothing of them has been judged
    signer: SignerInfo


def parse(message: bytes) -> SignedData:
    """Read the message. Verifies nothing."""
    info = der.Parts(der.read(message), "CMS message")
    require(info.take(der.OID, "content type").content == SIGNED_DATA, "The CMS message is not signed data.")
    body = der.Parts(info.take(der.context(0), "signed data").only_child("signed data"), "signed data")
    info.end()
    version = der.small_integer(body.take(der.INTEGER, "version"), "version")
    digest = read_digest(body.take(der.SET, "digest algorithms").only_child("digest algorithms"))
    content_type, content = _content(body.take(der.SEQUENCE, "content"))
    embedded = body.take_if(der.context(0))
    signer = _signer_info(body.take(der.SET, "signers").only_child("signers"))
    body.end()
    require_same(digest, signer.digest)
    certificates = tuple(embedded.children()) if embedded else ()
    return SignedData(version, content_type, content, certificates, signer)


def _content(element: der.Element) -> tuple[bytes, bytes | None]:
    parts = der.Parts(element, "content")
    name = parts.take(der.OID, "type").content
    inside = parts.take_if(der.context(0))
    parts.end()
    if inside is None:
        return name, None
    return name, inside.only_child("content").expect(der.OCTET_STRING, "content").content


def _signer_info(element: der.Element) -> SignerInfo:
    parts = der.Parts(element, "signer")
    version = der.small_integer(parts.take(der.INTEGER, "version"), "version")
    require(version == 1, "The version of the signer in the CMS message is not 1.")
    sid = parts.take(der.SEQUENCE, "signer's name")
    digest = read_digest(parts.take(der.SEQUENCE, "digest algorithm"))
    attributes = parts.take(der.context(0), "signed attributes")
    algorithm = parts.take(der.SEQUENCE, "signature algorithm")
    signature = parts.take(der.OCTET_STRING, "signature").content
    unsigned = parts.take_if(der.context(1))
    parts.end()
    # RFC 5652, 5.4: what is signed carries the tag of a SET, not the [0] it travels under.
    as_signed = bytes([der.SET]) + attributes.raw[1:]
    return SignerInfo(sid, digest, as_signed, read_attributes(attributes), algorithm, signature, unsigned)


def read_attributes(element: der.Element) -> dict[bytes, der.Element]:
    """Read a set of attributes, each there once and with one value."""
    found: dict[bytes, der.Element] = {}
    for child in element.children():
        parts = der.Parts(child, "attribute")
        name = parts.take(der.OID, "name").content
        require(name not in found, "An attribute of the CMS message is there twice.")
        found[name] = parts.take(der.SET, "value").only_child("attribute")
        parts.end()
    return found


def read_digest(element: der.Element) -> Hash:
    """Read an AlgorithmIdentifier that names SHA-256, SHA-384 or SHA-512."""
    parts = der.Parts(element.expect(der.SEQUENCE, "digest algorithm"), "digest algorithm")
    name = parts.take(der.OID, "name").content
    end_after_null(parts)
    if name not in _DIGESTS:
        raise MalformedError("The CMS message uses another digest than SHA-256, SHA-384 or SHA-512.")
    return _DIGESTS[name]


def end_after_null(parts: der.Parts) -> None:
    """Accept absent and NULL parameters: RFC 5754 wants the one, PKCS #1 the other, and both are in use."""
    null = parts.take_if(der.NULL)
    require(null is None or not null.content, "A NULL in the CMS message is not empty.")
    parts.end()


def read_certificate(element: der.Element) -> x509.Certificate:
    """Read a certificate; refuse first what the library tolerates but DER or RFC 5280 forbid."""
    parts = der.Parts(element, "certificate")
    body = der.Parts(parts.take(der.SEQUENCE, "certificate"), "certificate")
    body.take(der.context(0), "version")
    serial = body.take(der.INTEGER, "serial number").content
    require(serial[:1] < b"\x80" and any(serial), "The serial number of a certificate is not positive.")
    parts.take(der.SEQUENCE, "signature algorithm")
    # The first byte counts unused bits of the last one; a signature has none.
    signature = parts.take(der.BIT_STRING, "signature").content
    require(signature[:1] == b"\0", "The signature of a certificate has unused bits.")
    parts.end()
    try:
        return x509.load_der_x509_certificate(element.raw)
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise MalformedError("A certificate in the CMS message cannot be read.") from error


def names_certificate(sid: der.Element, certificate: x509.Certificate) -> bool:
    """Tell whether issuer and serial number, by which CMS names a signer, are those of the certificate."""
    parts = der.Parts(sid, "signer's name")
    issuer, serial = parts.take(der.SEQUENCE, "issuer"), parts.take(der.INTEGER, "serial number")
    parts.end()
    number = certificate.serial_number  # positive; one more bit for the sign
    same_serial = serial.content == number.to_bytes(number.bit_length() // 8 + 1, "big")
    return issuer.raw == certificate.issuer.public_bytes() and same_serial


def require_same(one: Hash, other: Hash) -> None:
    """Raise MalformedError unless both are the same digest algorithm."""
    require(one.name == other.name, "The CMS message names two digest algorithms.")


def require(holds: bool, sentence: str) -> None:
    """Raise MalformedError with this sentence unless it holds."""
    if not holds:
        raise MalformedError(sentence)
