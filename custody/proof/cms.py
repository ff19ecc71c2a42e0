"""Check the CMS signature of a PDF's seal, as PAdES has it: one signer, detached, certificates inside.

Only what the seal of our reports needs is accepted, and every byte of the message must be accounted for: a
part that nobody would check (a spare certificate, unsigned attributes but for one time stamp) breaks the
seal. The signer is named by signed bytes only (signing-certificate-v2, RFC 5035). The chain of certificates
is cms_chain.py's, the stamp seal.py's. There is no certificate store and no clock here, because a report is
read in thirty years by somebody offline.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from . import cms_message, cms_signature, cms_stamp, der
from .cms_message import SignerInfo, read_digest, require
from .errors import MalformedError, SignatureError

# Signer, two intermediates and a root are a long chain for a seal.
MAX_CERTIFICATES = 6

_DATA = bytes.fromhex("2a864886f70d010701")


class DigestError(SignatureError):
    """The signed content is not the content that is there."""


class CertificateError(SignatureError):
    """The certificates do not name the signer, or do not lead from the signer to where they should."""


@dataclass(frozen=True)
class SealMessage:
    certificates: tuple[x509.Certificate, ...]
    signer: SignerInfo
    stamp: bytes | None  # a time stamp token over the signature


def check(message: bytes, content: Iterable[bytes | memoryview]) -> tuple[x509.Certificate, SealMessage]:
    """Return the signer's certificate if it signed the content (given in pieces); trust is not decided here.

    Raises MalformedError, DigestError, SignatureError or CertificateError.
    """
    signed = parse(message)
    signer = signed.signer
    digest = hashlib.new(signer.digest.name)
    for piece in content:
        digest.update(piece)
    named = signer.attribute(cms_message.MESSAGE_DIGEST).expect(der.OCTET_STRING, "message digest").content
    if named != digest.digest():
        raise DigestError("The seal was made for other bytes than those in the file.")
    certificate = _signer_certificate(signed)
    cms_signature.verify(certificate, signer)
    return certificate, signed


def parse(message: bytes) -> SealMessage:
    """Read the message strictly. Verifies nothing."""
    signed = cms_message.parse(message)
    require(signed.version == 1, "The version of the seal's CMS message is not 1.")
    require(signed.content_type == _DATA, "The signed content is not plain data.")
    require(signed.content is None, "The seal carries the bytes it signs inside itself.")
    # It would be a second spelling of the same signature.
    bare = cms_signature.algorithm_of(signed.signer) == cms_signature.BARE_RSA
    require(not bare, "The seal does not name its signature algorithm in full.")
    if not 1 <= len(signed.certificates) <= MAX_CERTIFICATES:
        raise MalformedError(f"The seal does not carry 1 to {MAX_CERTIFICATES} certificates.")
    certificates = tuple(cms_message.read_certificate(one) for one in signed.certificates)
    return SealMessage(certificates, signed.signer, cms_stamp.token_of(signed.signer.unsigned))


def _signer_certificate(signed: SealMessage) -> x509.Certificate:
    """Find the certificate that the signed attributes name; the unsigned name beside it must agree."""
    signer = signed.signer
    content_type = signer.attribute(cms_message.CONTENT_TYPE).expect(der.OID, "content type").content
    require(content_type == _DATA, "The seal says it signs something else than data.")
    attribute = der.Parts(signer.attribute(cms_message.SIGNING_CERTIFICATE_V2), "signing certificate")
    names = attribute.take(der.SEQUENCE, "list of signing certificates").only_child(
        "list of signing certificates"
    )
    named = der.Parts(names, "signing certificate")
    explicit = named.take_if(der.SEQUENCE)
    algorithm = hashes.SHA256() if explicit is None else read_digest(explicit)
    wanted = named.take(der.OCTET_STRING, "certificate hash").content
    for certificate in signed.certificates:
        if certificate.fingerprint(algorithm) == wanted:
            if not cms_message.names_certificate(signer.sid, certificate):
                raise CertificateError("The seal names two different certificates as its signer's.")
            return certificate
    raise CertificateError("The certificate that the seal names is not in it.")
