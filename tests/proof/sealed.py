"""Small PDF reports with a bundle inside, and seals on them, honest and otherwise."""

import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def p256() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def p384() -> PrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


def rsa2048() -> PrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Certified:
    """A key with its certificate and those above it."""

    key: PrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pin(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def issue(
        self, name: str, make: Callable[[], PrivateKey] = p256, *, authority: bool = False
    ) -> "Certified":
        key = make()
        certificate = _certificate(name, key, self.certificate.subject, self.key, authority=authority)
        return Certified(key, certificate, (self.certificate, *self.above))


def root(
    name: str = "Test authority", make: Callable[[], PrivateKey] = p256, *, authority: bool = True
) -> Certified:
    key = make()
    return Certified(key, _certificate(name, key, _name(name), key, authority=authority))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    name: str, key: PrivateKey, issuer: x509.Name, issuer_key: PrivateKey, *, authority: bool
) -> x509.Certificate:
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement"), False)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=10_000))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def report(bundle: bytes, *more: bytes, name: bytes = b"(custody-proof.json)", packed: bool = True) -> bytes:
    """Make a one-page PDF with the bundle attached; `more` are further objects, numbered from 7 on."""
    data, encoding = (zlib.compress(bundle), b"/Filter/FlateDecode") if packed else (bundle, b"")
    names = b"<</EmbeddedFiles<</Names[" + name + b" 4 0 R]>>>>"
    return write_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names" + names + b"/AF[4 0 R]>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 6 0 R>>",
        b"<</Type/Filespec/F" + name + b"/UF" + name + b"/EF<</F 5 0 R>>/AFRelationship/Data>>",
        stream(b"/Type/EmbeddedFile/Subtype/application#2Fjson" + encoding, data),
        stream(b"", b"% nothing to see here"),
        *more,
    )


def stream(members: bytes, data: bytes) -> bytes:
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), members, data)


def write_pdf(*bodies: bytes) -> bytes:
    """Put numbered objects into a file; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n\r\n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)


def seal(
    pdf: bytes,
    signer: Certified,
    *,
    digest: str = "sha256",
    pss: bool = False,
    field: str = "Seal",
    above: Sequence[x509.Certificate] | None = None,
    room: int | None = None,
) -> bytes:
    """Seal a PDF as the product does: PAdES, as an incremental update, with room (bytes) for a time stamp."""
    private = signer.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(_asn1(one) for one in (signer.above if above is None else above))
    simple = SimpleSigner(
        signing_cert=_asn1(signer.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
        prefer_pss=pss,
        embed_roots=True,
    )
    metadata = PdfSignatureMetadata(field_name=field, md_algorithm=digest, subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    reserved = None if room is None else 2 * room
    PdfSigner(metadata, signer=simple).sign_pdf(writer, output=out, bytes_reserved=reserved)
    return out.getvalue()


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
