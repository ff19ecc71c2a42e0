"""Verify the signature of a CMS message with the key of a certificate that the caller has chosen.

ECDSA on P-256 and P-384, RSA PKCS #1 v1.5 and RSA-PSS, with the one digest that the message names. Whether
the certificate may be trusted is not asked here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import der
from .cms_message import Hash, SignerInfo, end_after_null, read_digest, require, require_same
from .errors import SignatureError

MIN_RSA_BITS = 2048

# A second spelling of RSA PKCS #1 v1.5, whose digest is named elsewhere (RFC 3370, 3.2).
BARE_RSA = bytes.fromhex("2a864886f70d010101")
_MGF1 = bytes.fromhex("2a864886f70d010108")
_RSA_PSS = bytes.fromhex("2a864886f70d01010a")
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


def verify(certificate: x509.Certificate, signer: SignerInfo) -> None:
    """Return if the certificate's key signed the attributes. Raises MalformedError or SignatureError."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("The key in the signer's certificate cannot be read.") from error
    parts = der.Parts(signer.algorithm, "signature algorithm")
    name = parts.take(der.OID, "name").content
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and name in _ECDSA:
            _verify_ecdsa(key, parts, _ECDSA[name], signer)
        elif isinstance(key, rsa.RSAPublicKey) and name in (BARE_RSA, *_RSA_PKCS1, _RSA_PSS):
            _verify_rsa(key, name, parts, signer)
        else:
            raise SignatureError("The signature algorithm is not accepted or does not fit the certificate.")
    except InvalidSignature as error:
        raise SignatureError("The signature does not verify.") from error


def algorithm_of(signer: SignerInfo) -> bytes:
    """Give the object identifier of the signature algorithm."""
    return der.Parts(signer.algorithm, "signature algorithm").take(der.OID, "name").content


def in_full(algorithm: der.Element, digest: Hash) -> bytes:
    """Write a bare RSA algorithm identifier with its digest; any other as it is."""
    if der.Parts(algorithm, "signature algorithm").take(der.OID, "name").content != BARE_RSA:
        return algorithm.raw
    name = next(name for name, one in _RSA_PKCS1.items() if one.name == digest.name)
    return der.write(der.SEQUENCE, der.write(der.OID, name), der.write(der.NULL))


def _verify_ecdsa(key: ec.EllipticCurvePublicKey, parts: der.Parts, digest: Hash, signer: SignerInfo) -> None:
    parts.end()
    require(isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1), "The signer's curve is not P-256 or P-384.")
    require_same(digest, signer.digest)
    key.verify(signer.signature, signer.attributes_der, ec.ECDSA(signer.digest))


def _verify_rsa(key: rsa.RSAPublicKey, name: bytes, parts: der.Parts, signer: SignerInfo) -> None:
    require(key.key_size >= MIN_RSA_BITS, f"The signer's RSA key is shorter than {MIN_RSA_BITS} bits.")
    if name == _RSA_PSS:
        scheme: padding.AsymmetricPadding = _pss(parts, signer)
    else:
        end_after_null(parts)
        require_same(_RSA_PKCS1.get(name, signer.digest), signer.digest)
        scheme = padding.PKCS1v15()
    key.verify(signer.signature, signer.attributes_der, scheme, signer.digest)


def _pss(parts: der.Parts, signer: SignerInfo) -> padding.PSS:
    """Read RSASSA-PSS-params (RFC 4055): the hash of both parts must be the signer's digest."""
    parameters = der.Parts(parts.take(der.SEQUENCE, "PSS parameters"), "PSS parameters")
    parts.end()
    digest = read_digest(parameters.take(der.context(0), "hash").only_child("hash"))
    generator = der.Parts(parameters.take(der.context(1), "mask").only_child("mask"), "mask")
    require(generator.take(der.OID, "mask function").content == _MGF1, "The PSS mask is not MGF1.")
    mask_digest = read_digest(generator.take(der.SEQUENCE, "mask hash"))
    generator.end()
    salt = parameters.take(der.context(2), "salt length").only_child("salt length")
    parameters.end()
    require_same(digest, signer.digest)
    require_same(mask_digest, signer.digest)
    return padding.PSS(mgf=padding.MGF1(signer.digest), salt_length=der.small_integer(salt, "salt length"))
