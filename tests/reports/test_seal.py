"""The agency's seal: appended, valid for readers of PDF and for our verifier, broken by any later change."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from custody.proof import seal as proof_seal
from custody.proof.findings import FoundError
from custody.proof.pdf import embedded_bundle
from custody.reports.render import render
from custody.reports.seal import (
    AUTHORITY_FILE,
    CERTIFICATE_FILE,
    KEY_FILE,
    TEST_MARK,
    Seal,
    SealError,
    load_seal,
    make_test_seal,
)
from custody.reports.sealing import ROOM_FOR_STAMP, sign
from tests.proof.stamps import stamper
from tests.reports import sample

NOW = sample.CREATED + timedelta(minutes=5)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return make_test_seal(tmp_path_factory.mktemp("seals") / "seal", "Hafenpolizei Küste", now=sample.CREATED)


@pytest.fixture(scope="module")
def revision0() -> bytes:
    return render(sample.case_report(events=2), sample.BUNDLE, created=sample.CREATED)


@pytest.fixture(scope="module")
def sealed(revision0: bytes, seal: Seal) -> bytes:
    return sign(revision0, seal, reason="Issue of the custody report – für das Gericht", now=NOW)


def status(pdf: bytes, root: x509.Certificate) -> PdfSignatureStatus:
    """What pyHanko says of the one signature, with this root as the only trust and without a network."""
    trusted = asn1_x509.Certificate.load(root.public_bytes(serialization.Encoding.DER))
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False, moment=NOW)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, context)


def overlaid(pdf: bytes) -> bytes:
    """Print something over the first page by an incremental update, as a forger would."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    drawing = StreamObject(stream_data=b"q 1 0 0 rg 50 400 400 60 re f Q")
    writer.add_stream_to_page(0, writer.add_object(drawing))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_revision_0_stays_the_beginning_of_the_sealed_file(revision0: bytes, sealed: bytes) -> None:
    assert sealed.startswith(revision0) and len(sealed) > len(revision0)


def test_a_reader_of_pdf_finds_the_seal_valid_trusted_and_over_the_whole_file(
    sealed: bytes, seal: Seal
) -> None:
    found = status(sealed, seal.authorities[-1])
    assert found.bottom_line
    assert found.coverage.name == "ENTIRE_FILE" and found.modification_level.name == "NONE"
    assert found.docmdp_ok and found.signer_reported_dt == NOW


def test_the_seal_is_pades_and_says_why(sealed: bytes) -> None:
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == "Issue of the custody report – für das Gericht"
    assert TEST_MARK in signature.sig_object["/Name"]


def test_our_own_verifier_accepts_the_seal_and_its_pin(sealed: bytes, seal: Seal) -> None:
    assert proof_seal.check(sealed, [seal.ca_fingerprint()]).pinned
    assert embedded_bundle(sealed) == sample.BUNDLE


def test_another_authority_is_not_trusted(sealed: bytes, tmp_path: Path) -> None:
    other = make_test_seal(tmp_path / "other", "Another agency", now=sample.CREATED)
    assert not status(sealed, other.authorities[-1]).bottom_line
    with pytest.raises(FoundError):
        proof_seal.check(sealed, [other.ca_fingerprint()])


def test_an_overlay_after_sealing_is_refused(sealed: bytes, seal: Seal) -> None:
    forged = overlaid(sealed)
    assert forged.startswith(sealed)
    found = status(forged, seal.authorities[-1])
    assert found.intact and not found.bottom_line  # the signature alone would pass: trap 2
    with pytest.raises(FoundError):
        proof_seal.check(forged, [seal.ca_fingerprint()])


def test_a_changed_byte_under_the_seal_is_refused(sealed: bytes, seal: Seal) -> None:
    at = sealed.index(b"/Title")
    forged = sealed[:at] + b"/Titlf" + sealed[at + 6 :]
    assert not status(forged, seal.authorities[-1]).bottom_line


def test_sealing_leaves_titles_and_dates_of_the_report_alone(revision0: bytes, sealed: bytes) -> None:
    added = sealed[len(revision0) :]
    assert b"/Producer" not in added and b"/ModDate" not in added and b"xpacket" not in added


def test_the_test_seal_names_itself_in_every_certificate(seal: Seal) -> None:
    assert seal.is_test
    for certificate in (seal.certificate, *seal.authorities):
        assert TEST_MARK in certificate.subject.rfc4514_string()


def test_the_fingerprint_is_that_of_the_root(seal: Seal) -> None:
    assert seal.ca_fingerprint() == seal.authorities[-1].fingerprint(hashes.SHA256()).hex()


def test_a_loaded_seal_is_the_one_that_was_made(tmp_path: Path) -> None:
    made = make_test_seal(tmp_path / "seal", "", now=sample.CREATED)
    loaded = load_seal(tmp_path / "seal")
    assert loaded.certificate == made.certificate and loaded.ca_fingerprint() == made.ca_fingerprint()
    assert "key" not in repr(loaded).replace("public_key", "")


def test_a_seal_is_never_replaced(tmp_path: Path) -> None:
    make_test_seal(tmp_path / "seal", "Agency", now=sample.CREATED)
    before = (tmp_path / "seal" / KEY_FILE).read_bytes()
    with pytest.raises(SealError, match="not replaced"):
        make_test_seal(tmp_path / "seal", "Agency", now=sample.CREATED)
    assert (tmp_path / "seal" / KEY_FILE).read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["seal"]


@pytest.mark.parametrize("name", [KEY_FILE, CERTIFICATE_FILE, AUTHORITY_FILE])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    make_test_seal(tmp_path / "seal", "Agency", now=sample.CREATED)
    (tmp_path / "seal" / name).unlink()
    with pytest.raises(SealError, match=name):
        load_seal(tmp_path / "seal")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_test_seal(tmp_path / "seal", "Agency", now=sample.CREATED)
    (tmp_path / "seal" / KEY_FILE).chmod(0o640)
    with pytest.raises(SealError, match="0600"):
        load_seal(tmp_path / "seal")


@pytest.mark.parametrize("name", [KEY_FILE, CERTIFICATE_FILE, AUTHORITY_FILE])
def test_files_of_two_seals_are_not_mixed(tmp_path: Path, name: str) -> None:
    for folder in ("one", "two"):
        make_test_seal(tmp_path / folder, "Agency", now=sample.CREATED)
    (tmp_path / "one" / name).write_bytes((tmp_path / "two" / name).read_bytes())
    with pytest.raises(SealError):
        load_seal(tmp_path / "one")


def test_a_file_that_is_no_key_is_refused_in_words(tmp_path: Path) -> None:
    make_test_seal(tmp_path / "seal", "Agency", now=sample.CREATED)
    (tmp_path / "seal" / KEY_FILE).write_bytes(b"not a key")
    with pytest.raises(SealError, match="cannot be read"):
        load_seal(tmp_path / "seal")


def test_a_certificate_out_of_date_does_not_seal(revision0: bytes, seal: Seal) -> None:
    for when in (sample.CREATED - timedelta(days=1), sample.CREATED + timedelta(days=365 * 11)):
        with pytest.raises(SealError, match="not valid"):
            sign(revision0, seal, reason="Issue", now=when)


def test_a_file_without_line_end_or_that_is_no_pdf_is_not_sealed(revision0: bytes, seal: Seal) -> None:
    with pytest.raises(SealError, match="line end"):
        sign(revision0.rstrip(), seal, reason="Issue", now=NOW)
    with pytest.raises(SealError, match="cannot be sealed"):
        sign(b"no pdf\n", seal, reason="Issue", now=NOW)


def test_a_time_without_zone_does_not_seal(revision0: bytes, seal: Seal) -> None:
    with pytest.raises(SealError, match="zone"):
        sign(revision0, seal, reason="Issue", now=NOW.replace(tzinfo=None))


def test_an_agencys_own_rsa_seal_with_passphrase_and_intermediate_works(
    tmp_path: Path, revision0: bytes
) -> None:
    write_agency_seal(tmp_path, passphrase=b"correct horse")
    own = load_seal(tmp_path, passphrase=b"correct horse")
    assert not own.is_test and len(own.authorities) == 2
    pdf = sign(revision0, own, reason="Issue", now=NOW)
    assert status(pdf, own.authorities[-1]).bottom_line
    assert proof_seal.check(pdf, [own.ca_fingerprint()]).pinned
    with pytest.raises(SealError, match="cannot be read"):
        load_seal(tmp_path, passphrase=b"wrong")


def write_agency_seal(folder: Path, *, passphrase: bytes) -> None:
    """Make root, intermediate and seal as an agency's own authority would."""
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
    names = [x509.Name.from_rfc4514_string(f"CN=Agency {what}") for what in ("root", "intermediate", "seal")]
    made = []
    for level, (name, key) in enumerate(zip(names, keys, strict=True)):
        issuer = max(0, level - 1)
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
            False,
        )
        authority = level < 2
        made.append(
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[issuer])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(sample.CREATED)
            .not_valid_after(sample.CREATED + timedelta(days=365))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
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
            .sign(keys[issuer], hashes.SHA256())
        )
    pem = serialization.Encoding.PEM
    (folder / AUTHORITY_FILE).write_bytes(made[1].public_bytes(pem) + made[0].public_bytes(pem))
    (folder / CERTIFICATE_FILE).write_bytes(made[2].public_bytes(pem))
    (folder / KEY_FILE).touch(mode=0o600)
    (folder / KEY_FILE).write_bytes(
        keys[2].private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(passphrase)
        )
    )


# -- with an outside time stamp (PAdES B-T) --------------------------------------------------------------------

STAMPER = stamper("Time authority of the test")


def stamping(signature: bytes) -> bytes:
    return STAMPER.token(signature, NOW)


def test_a_stamped_seal_is_pades_b_t_for_readers_of_pdf(revision0: bytes, seal: Seal) -> None:
    pdf = sign(revision0, seal, reason="Custody report", now=NOW, stamp=stamping)
    trusted = [
        asn1_x509.Certificate.load(one.public_bytes(serialization.Encoding.DER))
        for one in (seal.authorities[-1], STAMPER.certificate)
    ]
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=NOW)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    found = validate_pdf_signature(signature, context, ts_validation_context=context)
    assert found.bottom_line
    assert found.timestamp_validity is not None and found.timestamp_validity.valid
    assert found.timestamp_validity.timestamp == NOW
    assert found.modification_level is not None and found.modification_level <= ModificationLevel.LTA_UPDATES
    assert found.coverage.name == "ENTIRE_FILE"


def test_our_own_verifier_reads_the_stamp_on_the_seal(revision0: bytes, seal: Seal) -> None:
    pdf = sign(revision0, seal, reason="Custody report", now=NOW, stamp=stamping)
    assert pdf.startswith(revision0) and embedded_bundle(pdf) == sample.BUNDLE
    found = proof_seal.check(pdf, [seal.ca_fingerprint()])
    assert found.stamp is not None and (found.stamp.pin, found.stamp.latest) == (STAMPER.pin, NOW)


def test_a_seal_whose_stamp_could_not_be_had_goes_without(revision0: bytes, seal: Seal) -> None:
    pdf = sign(revision0, seal, reason="Custody report", now=NOW, stamp=lambda signature: None)
    assert status(pdf, seal.authorities[-1]).bottom_line
    assert proof_seal.check(pdf, [seal.ca_fingerprint()]).stamp is None


def test_an_overlay_on_a_stamped_report_is_refused(revision0: bytes, seal: Seal) -> None:
    pdf = sign(revision0, seal, reason="Custody report", now=NOW, stamp=stamping)
    with pytest.raises(FoundError):
        proof_seal.check(overlaid(pdf), [seal.ca_fingerprint()])


def test_a_stamp_that_does_not_fit_is_an_error_in_words(revision0: bytes, seal: Seal) -> None:
    with pytest.raises(SealError, match="larger than the room"):
        sign(revision0, seal, reason="Custody report", now=NOW, stamp=lambda signature: bytes(ROOM_FOR_STAMP))
