"""The agency's electronic seal: its key and certificates.

Does: load them from a folder, name the authority for the policy's pin, make a test seal that says so
everywhere. Does not: seal a report (sealing.py) or judge seals (custody.proof and any PAdES reader do).
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

KEY_FILE = "seal-key.pem"
CERTIFICATE_FILE = "seal-certificate.pem"
AUTHORITY_FILE = "seal-authority.pem"  # the authority's certificate; with intermediates, the root comes last
TEST_MARK = "TEST – not for court"
MAX_NAME = 64  # X.520 limit for common and organisation names
TEST_YEARS = 10

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SealError(Exception):
    """The seal cannot be loaded, made or used; the text says why in words."""


@dataclass(frozen=True)
class Seal:
    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    authorities: tuple[x509.Certificate, ...]  # from the issuer of the certificate up to the root

    @property
    def name(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def is_test(self) -> bool:
        """Say whether this seal was made by `make_test_seal`."""
        return any(
            TEST_MARK in each.subject.rfc4514_string() for each in (self.certificate, *self.authorities)
        )

    def ca_fingerprint(self) -> str:
        """SHA-256 of the root authority's certificate (DER) in hexadecimal, as the policy pins it."""
        return self.authorities[-1].fingerprint(hashes.SHA256()).hex()


def load_seal(folder: Path, *, passphrase: bytes | None = None) -> Seal:
    """Load the agency's seal.

    Raises: SealError if a file is missing or open to others, or key and certificates do not belong together.
    """
    paths = [folder / name for name in (KEY_FILE, CERTIFICATE_FILE, AUTHORITY_FILE)]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise SealError(f"The seal folder {folder} lacks {', '.join(missing)}.")
    if paths[0].stat().st_mode & 0o077:
        raise SealError(f"{KEY_FILE} may be read by others; give it mode 0600.")
    try:
        key = serialization.load_pem_private_key(paths[0].read_bytes(), passphrase)
        (certificate,) = x509.load_pem_x509_certificates(paths[1].read_bytes())
        authorities = tuple(x509.load_pem_x509_certificates(paths[2].read_bytes()))
    except (ValueError, TypeError) as error:
        raise SealError(f"The seal in {folder} cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealError("The key of the seal must be an elliptic-curve or RSA key.")
    seal = Seal(key, certificate, authorities)
    _check_belongs(seal)
    return seal


def _check_belongs(seal: Seal) -> None:
    """Return if the key fits the certificate and each certificate was issued by the next, up to a root."""
    if seal.key.public_key() != seal.certificate.public_key():
        raise SealError("The key of the seal does not belong to its certificate.")
    chain = (seal.certificate, *seal.authorities, seal.authorities[-1])
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise SealError(
                f"{AUTHORITY_FILE} must hold the authorities from the seal's issuer up to a root: "
                f"{certificate.subject.rfc4514_string()} was not issued by {issuer.subject.rfc4514_string()}."
            ) from error


def common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def make_test_seal(folder: Path, agency: str, *, now: datetime) -> Seal:
    """Make an authority and a seal that name themselves as tests; the authority's key is not kept.

    Raises: SealError if the folder holds anything.
    """
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _test_name("authority", agency)
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, now, authority=True)
    leaf = _certificate(
        _test_name("seal", agency), root_name, key.public_key(), root_key, now, authority=False
    )
    files = {
        AUTHORITY_FILE: root.public_bytes(serialization.Encoding.PEM),
        CERTIFICATE_FILE: leaf.public_bytes(serialization.Encoding.PEM),
        KEY_FILE: key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    }
    _place(files, folder)
    return load_seal(folder)


def _place(files: dict[str, bytes], folder: Path) -> None:
    """Put all files there at once: two processes that start together do not mix their seals."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".seal-", dir=folder.parent))  # for its owner only
    try:
        for name, data in files.items():
            (made / name).touch(mode=0o600)
            (made / name).write_bytes(data)
        made.rename(folder)
    except OSError as error:
        shutil.rmtree(made)
        raise SealError(f"{folder} holds something already; the seal there is not replaced.") from error


def _test_name(what: str, agency: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, f"{TEST_MARK}: {what}")]
    if agency:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency[:MAX_NAME]))
    return x509.Name(attributes)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    authority: bool,
) -> x509.Certificate:
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    issuer_id = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * TEST_YEARS))
        .add_extension(
            x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False
        )
    )
    return builder.sign(issuer_key, hashes.SHA256())
