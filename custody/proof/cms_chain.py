"""Walk the certificates of a seal from its signer upwards, and compare them with the pins of the policy.

A pin is the SHA-256 of a certificate: the seal's own, or that of the authority that issued it. Every embedded
certificate must be part of the walk, so that no byte of the seal is left unchecked. Dates are not judged:
without a trusted time, "expired" says nothing about the moment of sealing.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .cms import CertificateError
from .cms_message import Hash
from .cms_signature import MIN_RSA_BITS
from .errors import MalformedError


def fingerprint(certificate: x509.Certificate) -> str:
    """Give the SHA-256 of the certificate in hexadecimal digits, as a policy pins it."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def check_pinned(chain: Sequence[x509.Certificate], pins: Sequence[str]) -> None:
    """Return if one of the certificates is pinned. Raises CertificateError."""
    if not any(fingerprint(certificate) in pins for certificate in chain):
        raise CertificateError("The seal was made with a certificate that the policy does not pin.")


def walk(signer: x509.Certificate, embedded: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return the chain from the signer to a self-signed certificate, which takes all embedded ones.

    A lone signer's certificate need not be self-signed: the signed attributes fix every byte of it. Raises
    CertificateError.
    """
    try:
        _check_signer(signer)
        chain = [signer]
        while not _issued_by(chain[-1], chain[-1]):
            issuers = [one for one in embedded if one not in chain and _issued_by(chain[-1], one)]
            if not issuers:
                break
            _check_authority(issuers[0])
            chain.append(issuers[0])
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        # Extensions are read only when they are asked for.
        raise MalformedError("A certificate of the seal has extensions that cannot be read.") from error
    if len(chain) > 1 and not _issued_by(chain[-1], chain[-1]):
        raise CertificateError("The certificates of the seal do not end in a self-signed one.")
    if len(chain) != len(embedded):
        raise CertificateError("The seal carries certificates that are not part of its signer's chain.")
    return tuple(chain)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether the issuer's key signed the certificate: a search, the decision is walk()'s."""
    try:
        if not isinstance(certificate.signature_hash_algorithm, Hash) or not _accepted(issuer.public_key()):
            return False
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _accepted(key: object) -> bool:
    """Tell whether every reader can check signatures of this key: browsers know these and no others."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    curves = ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, curves)


def _check_signer(certificate: x509.Certificate) -> None:
    usage = _key_usage(certificate)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise CertificateError("The seal's certificate is not meant for signatures.")


def _check_authority(certificate: x509.Certificate) -> None:
    usage = _key_usage(certificate)
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    if not authority or (usage is not None and not usage.key_cert_sign):
        raise CertificateError("The seal's certificate was issued by one that is not an authority.")


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
