"""Check a CMS signature (RFC 5652) as PAdES puts it into a PDF: one signer, detached, certificates inside.

Only what the seal of our reports needs is accepted, and every byte of the message must be accounted for: a
part that nobody would check (unsigned attributes, revocation lists, a spare certificate) breaks the seal. The
signer is named by signed bytes only (signing-certificate-v2, RFC 5035). The chain of certificates is
cms_chain.py's. There is no certificate store and no clock here, because a report is read in thirty years by
somebody offline.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import der
from .errors import MalformedError, SignatureError

# Signer, two intermediates and a root are a long chain for a seal.
MAX_CERTIFICATES = 6
MIN_RSA_BITS = 2048

Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
_MGF1 = bytes.fromhex("2a864886f70d010108")
_RSA_PSS = bytes.fromhex("2a864886f70d01010a")
_DIGESTS: Mapping[bytes, Hash] = MappingProxyType(
    {
        bytes.fromhex("608648016503040201"): hashes.SHA256(),
        bytes.fromhex("608648016503040202"): hashes.SHA384(),
        bytes.fromhex("608648016503040203"): hashes.SHA512(),
    }
)
# Bare rsaEncryption is left out on purpose: it would be a second spelling of the same signature.
_RSA_PKCS1: Mapping[bytes, Hash] = MappingProxyType(
    {
        bytes.fromhex("2a864886f70d01010b"): hashes.SHA256(),
        bytes.fromhex("2a864886f70d01010c"): hashes.SHA384(),
        bytes.fromhex("2a864886f70d01010d"): hashes.SHA512(),
    }
)
_ECDSA: Mapping[bytes, Hash] = MappingProxyType(
    {
        bytes.fromhex("2a8648ce3d040302"): hashes.SHA256(),
        bytes.fromhex("2a8648ce3d040303"): hashes.SHA384(),
        bytes.fromhex("2a8648ce3d040304"): hashes.SHA512(),
    }
)


class DigestError(SignatureError):
    """The signed content is not the content that is there."""


class CertificateError(SignatureError):
    """The certificates do not name the signer, or do not lead from the signer to where they should."""


@dataclass(frozen=True)
class SignerInfo:
    sid: der.Element
    digest: Hash
    attributes_der: bytes  # as signed: with the tag of a SET
    attributes: Mapping[bytes, der.Element]
    algorithm: der.Element
    signature: bytes


@dataclass(frozen=True)
class SignedData:
    certificates: tuple[x509.Certificate, ...]
    signer: SignerInfo


def check(message: bytes, content: Iterable[bytes | memoryview]) -> tuple[x509.Certificate, SignedData]:
    """Return the signer's certificate if it signed the content (given in pieces); trust is not decided here.

    Raises MalformedError, DigestError, SignatureError or CertificateError.
    """
    signed = parse(message)
    signer = signed.signer
    digest = hashlib.new(signer.digest.name)
    for piece in content:
        digest.update(piece)
    named = _attribute(signer, _MESSAGE_DIGEST).expect(der.OCTET_STRING, "message digest").content
    if named != digest.digest():
        raise DigestError("The seal was made for other bytes than those in the file.")
    certificate = _signer_certificate(signed)
    try:
        _verify_signature(certificate, signer)
    except InvalidSignature as error:
        raise SignatureError("The signature of the seal does not verify.") from error
    return certificate, signed


def parse(message: bytes) -> SignedData:
    """Read the message strictly. Verifies nothing."""
    info = der.Parts(der.read(message), "CMS message")
    _require(
        info.take(der.OID, "content type").content == _SIGNED_DATA, "The CMS message is not signed data."
    )
    body = der.Parts(info.take(der.context(0), "signed data").only_child("signed data"), "signed data")
    info.end()
    _version(body)
    digest = _digest(body.take(der.SET, "digest algorithms").only_child("digest algorithms"))
    encapsulated = der.Parts(body.take(der.SEQUENCE, "content"), "content")
    _require(encapsulated.take(der.OID, "type").content == _DATA, "The signed content is not plain data.")
    encapsulated.end()
    certificates = _certificates(body.take(der.context(0), "certificates"))
    signer = _signer_info(body.take(der.SET, "signers").only_child("signers"))
    body.end()
    _require_same(digest, signer.digest)
    return SignedData(certificates, signer)


def _version(parts: der.Parts) -> None:
    version = der.small_integer(parts.take(der.INTEGER, "version"), "version")
    _require(version == 1, "A version in the CMS message is not 1.")


def _certificates(element: der.Element) -> tuple[x509.Certificate, ...]:
    parts = element.children()
    if not 1 <= len(parts) <= MAX_CERTIFICATES:
        raise MalformedError(f"The seal does not carry 1 to {MAX_CERTIFICATES} certificates.")
    return tuple(_certificate(part) for part in parts)


def _certificate(element: der.Element) -> x509.Certificate:
    """Read a certificate; refuse first what the library tolerates but DER or RFC 5280 forbid."""
    parts = der.Parts(element, "certificate")
    body = der.Parts(parts.take(der.SEQUENCE, "certificate"), "certificate")
    body.take(der.context(0), "version")
    serial = body.take(der.INTEGER, "serial number").content
    _require(serial[:1] < b"\x80" and any(serial), "The serial number of a certificate is not positive.")
    parts.take(der.SEQUENCE, "signature algorithm")
    # The first byte counts unused bits of the last one; a signature has none.
    signature = parts.take(der.BIT_STRING, "signature").content
    _require(signature[:1] == b"\0", "The signature of a certificate has unused bits.")
    parts.end()
    try:
        return x509.load_der_x509_certificate(element.raw)
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise MalformedError("A certificate of the seal cannot be read.") from error


def _signer_info(element: der.Element) -> SignerInfo:
    parts = der.Parts(element, "signer")
    _version(parts)
    sid = parts.take(der.SEQUENCE, "signer's name")
    digest = _digest(parts.take(der.SEQUENCE, "digest algorithm"))
    attributes = parts.take(der.context(0), "signed attributes")
    algorithm = parts.take(der.SEQUENCE, "signature algorithm")
    signature = parts.take(der.OCTET_STRING, "signature").content
    if parts.take_if(der.context(1)) is not None:
        raise MalformedError("The seal has unsigned attributes, which nothing protects.")
    parts.end()
    # RFC 5652, 5.4: what is signed carries the tag of a SET, not the [0] it travels under.
    as_signed = bytes([der.SET]) + attributes.raw[1:]
    return SignerInfo(sid, digest, as_signed, _attributes(attributes), algorithm, signature)


def _attributes(element: der.Element) -> dict[bytes, der.Element]:
    found: dict[bytes, der.Element] = {}
    for child in element.children():
        parts = der.Parts(child, "signed attribute")
        name = parts.take(der.OID, "name").content
        _require(name not in found, "A signed attribute of the seal is there twice.")
        found[name] = parts.take(der.SET, "value").only_child("signed attribute")
        parts.end()
    return found


def _attribute(signer: SignerInfo, name: bytes) -> der.Element:
    if name not in signer.attributes:
        raise MalformedError("The seal lacks a signed attribute that PAdES demands.")
    return signer.attributes[name]


def _digest(element: der.Element) -> Hash:
    parts = der.Parts(element, "digest algorithm")
    name = parts.take(der.OID, "name").content
    _end_after_null(parts)
    if name not in _DIGESTS:
        raise MalformedError("The seal uses another digest than SHA-256, SHA-384 or SHA-512.")
    return _DIGESTS[name]


def _end_after_null(parts: der.Parts) -> None:
    """Accept absent and NULL parameters: RFC 5754 wants the one, PKCS #1 the other, and both are in use."""
    null = parts.take_if(der.NULL)
    _require(null is None or not null.content, "A NULL in the seal is not empty.")
    parts.end()


def _signer_certificate(signed: SignedData) -> x509.Certificate:
    """Find the certificate that the signed attributes name; the unsigned name beside it must agree."""
    signer = signed.signer
    content_type = _attribute(signer, _CONTENT_TYPE).expect(der.OID, "content type").content
    _require(content_type == _DATA, "The seal says it signs something else than data.")
    attribute = der.Parts(_attribute(signer, _SIGNING_CERTIFICATE_V2), "signing certificate")
    names = attribute.take(der.SEQUENCE, "list of signing certificates").only_child(
        "list of signing certificates"
    )
    named = der.Parts(names, "signing certificate")
    explicit = named.take_if(der.SEQUENCE)
    algorithm = hashes.SHA256() if explicit is None else _digest(explicit)
    wanted = named.take(der.OCTET_STRING, "certificate hash").content
    for certificate in signed.certificates:
        if certificate.fingerprint(algorithm) == wanted:
            _check_sid(signer.sid, certificate)
            return certificate
    raise CertificateError("The certificate that the seal names is not in it.")


def _check_sid(sid: der.Element, certificate: x509.Certificate) -> None:
    parts = der.Parts(sid, "signer's name")
    issuer, serial = parts.take(der.SEQUENCE, "issuer"), parts.take(der.INTEGER, "serial number")
    parts.end()
    number = certificate.serial_number  # positive; one more bit for the sign
    same_serial = serial.content == number.to_bytes(number.bit_length() // 8 + 1, "big")
    if issuer.raw != certificate.issuer.public_bytes() or not same_serial:
        raise CertificateError("The seal names two different certificates as its signer's.")


def _verify_signature(certificate: x509.Certificate, signer: SignerInfo) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("The key in the seal's certificate cannot be read.") from error
    parts = der.Parts(signer.algorithm, "signature algorithm")
    name = parts.take(der.OID, "name").content
    if isinstance(key, ec.EllipticCurvePublicKey) and name in _ECDSA:
        parts.end()
        _require(
            isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1), "The seal's curve is not P-256 or P-384."
        )
        _require_same(_ECDSA[name], signer.digest)
        key.verify(signer.signature, signer.attributes_der, ec.ECDSA(signer.digest))
    elif isinstance(key, rsa.RSAPublicKey) and name in (*_RSA_PKCS1, _RSA_PSS):
        _require(key.key_size >= MIN_RSA_BITS, f"The seal's RSA key is shorter than {MIN_RSA_BITS} bits.")
        scheme = _pss(parts, signer) if name == _RSA_PSS else _pkcs1(parts, _RSA_PKCS1[name], signer)
        key.verify(signer.signature, signer.attributes_der, scheme, signer.digest)
    else:
        raise SignatureError(
            "The seal's signature algorithm is not accepted or does not fit its certificate."
        )


def _pkcs1(parts: der.Parts, digest: Hash, signer: SignerInfo) -> padding.AsymmetricPadding:
    _end_after_null(parts)
    _require_same(digest, signer.digest)
    return padding.PKCS1v15()


def _pss(parts: der.Parts, signer: SignerInfo) -> padding.AsymmetricPadding:
    """Read RSASSA-PSS-params (RFC 4055): the hash of both parts must be the signer's digest."""
    parameters = der.Parts(parts.take(der.SEQUENCE, "PSS parameters"), "PSS parameters")
    parts.end()
    digest = _digest(parameters.take(der.context(0), "hash").only_child("hash"))
    generator = der.Parts(parameters.take(der.context(1), "mask").only_child("mask"), "mask")
    _require(generator.take(der.OID, "mask function").content == _MGF1, "The seal's PSS mask is not MGF1.")
    mask_digest = _digest(generator.take(der.SEQUENCE, "mask hash"))
    generator.end()
    salt = parameters.take(der.context(2), "salt length").only_child("salt length")
    parameters.end()
    _require_same(digest, signer.digest)
    _require_same(mask_digest, signer.digest)
    return padding.PSS(mgf=padding.MGF1(signer.digest), salt_length=der.small_integer(salt, "salt length"))


def _require_same(one: Hash, other: Hash) -> None:
    _require(one.name == other.name, "The seal names two digest algorithms.")


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise MalformedError(sentence)
