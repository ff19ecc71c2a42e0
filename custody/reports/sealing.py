"""Put the agency's seal over a report: PAdES B-B, or B-T with an outside time stamp, behind revision 0.

Does: seal a PDF as an incremental update, and put a time stamp that the caller obtains into the seal. Does
not: use the network, or change a byte of what it seals. A file of its own, because pyHanko takes seconds to
load and only workers seal.
"""

import io
from collections.abc import Callable
from datetime import datetime

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from custody.proof import cms, cms_stamp
from custody.proof import seal as proof_seal
from custody.reports.seal import Seal, SealError, common_name

FIELD = "AgencySeal"
# A seal takes some 4 kB, a trimmed token 2 to 4 kB.
ROOM_FOR_STAMP = 16 * 1024
# Gives a time stamp token over these bytes, or None if no authority answers.
Stamper = Callable[[bytes], bytes | None]


class _TimedSigner(PdfSigner):
    """Signs at a given time instead of reading the machine's clock."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: SimpleSigner, now: datetime) -> None:
        super().__init__(metadata, signer=signer)
        self._now = now

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._now
        return session


class _QuietWriter(IncrementalPdfFileWriter):
    """Leaves title, producer and dates of the report as revision 0 has them."""

    def _update_meta(self) -> None:
        return


def sign(pdf: bytes, seal: Seal, *, reason: str, now: datetime, stamp: Stamper | None = None) -> bytes:
    """Add the seal behind the last byte of a report; the report stays a prefix of the result.

    The seal certifies: a reader of PDF that keeps the rules warns of any later change. `stamp` is asked for a
    time stamp token over the seal's signature; without an answer the seal goes without.
    Raises: SealError if the certificate is not valid now or the file cannot be sealed.
    """
    if now.tzinfo is None:
        raise SealError("the time of sealing needs a zone")
    if not seal.certificate.not_valid_before_utc <= now <= seal.certificate.not_valid_after_utc:
        raise SealError(f"The certificate of the seal is not valid at {now.isoformat()}: {seal.name}.")
    if not pdf.endswith(b"\n"):
        raise SealError("The report must end with a line end, or the sealed file is no PDF/A.")
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        name=common_name(seal.certificate),
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    out = io.BytesIO()
    try:
        writer = _QuietWriter(io.BytesIO(pdf))
        room = {"bytes_reserved": 2 * ROOM_FOR_STAMP} if stamp else {}
        _TimedSigner(metadata, _signer(seal), now).sign_pdf(writer, output=out, **room)
    except (PdfError, SigningError) as error:
        raise SealError(f"The report cannot be sealed: {error}") from error
    sealed = out.getvalue()
    if stamp is not None:
        sealed = _stamped(sealed, stamp)
    if not sealed.startswith(pdf):
        raise SealError("Sealing changed the report; it was not issued.")
    return sealed


def _stamped(pdf: bytes, stamp: Stamper) -> bytes:
    """Put a time stamp over the seal's signature into the room that was left for it beside the seal."""
    start, end = proof_seal.gap(pdf)
    message = proof_seal.message_in(pdf[start:end])
    token = stamp(cms.parse(message).signer.signature)
    if token is None:
        return pdf
    digits = cms_stamp.stamped(message, token).hex().encode()
    room = end - start - 2
    if len(digits) > room:
        raise SealError("The time stamp of the seal is larger than the room that was left for it.")
    return pdf[:start] + b"<" + digits.ljust(room, b"0") + b">" + pdf[end:]


def _signer(seal: Seal) -> SimpleSigner:
    private = seal.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    store.register_multiple(_asn1(each) for each in seal.authorities)
    return SimpleSigner(
        signing_cert=_asn1(seal.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
