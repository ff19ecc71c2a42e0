"""RFC 3161 tokens: what is accepted, and every way to be fooled by one that somebody has found before us."""

import asyncio
import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps import DummyTimeStamper

from custody.proof import cms_signature, der, timestamp, timestamp_query
from custody.proof.errors import MalformedError, PolicyError, ProofError, SignatureError
from custody.proof.timestamp import NotPinnedError
from tests import corpus
from tests.proof import sealed
from tests.proof.stamps import Stamper, seq, stamper

MESSAGE = b"evidence.test/log\n17\nroot\n"
NOW = datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)
P384 = ec.generate_private_key(ec.SECP384R1())
RSA = sealed.rsa2048()
AUTHORITY = stamper()
BY_RSA = stamper("By RSA", RSA)
VECTORS = "vectors/rfc3161"


def check(token: bytes, by: Stamper = AUTHORITY, message: bytes = MESSAGE) -> timestamp.TimeStamp:
    return timestamp.check(token, message, [by.pin])


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    "by",
    [
        AUTHORITY,
        stamper("P-384", P384),
        BY_RSA,
        BY_RSA.but(scheme="rsa"),
        BY_RSA.but(scheme="pss"),
        AUTHORITY.but(version_1=True),
    ],
    ids=["P-256", "P-384", "RSA", "bare RSA", "PSS", "certificate named by SHA-1"],
)
def test_tokens_of_real_authorities_kinds_are_accepted(by: Stamper, digest: str) -> None:
    by = by.but(digest=digest, imprint_digest=digest)
    stamp = check(by.token(MESSAGE, NOW), by)
    assert (stamp.earliest, stamp.latest, stamp.pin) == (NOW, NOW, by.pin)


def test_no_byte_that_anything_reads_can_be_changed() -> None:
    """Every byte, two masks. Certificates that are not pinned are not read; this token carries none."""
    token = AUTHORITY.token(MESSAGE, NOW, nonce=17)
    for place in range(len(token)):
        for mask in (0x01, 0x40 | place & 0xBF):
            changed = token[:place] + bytes([token[place] ^ mask]) + token[place + 1 :]
            with pytest.raises(ProofError):
                check(changed)


def test_a_token_of_another_message_is_refused() -> None:
    with pytest.raises(MalformedError, match="something else"):
        check(AUTHORITY.token(b"another head", NOW))


def test_an_attackers_authority_embedded_in_its_token_is_not_believed() -> None:
    """rfc3161-client before 1.0.9 accepted this: the certificates in a token are the sender's."""
    thief = stamper("Time authority")
    with pytest.raises(NotPinnedError):
        check(thief.token(MESSAGE, NOW))
    for others in ([AUTHORITY.certificate], [AUTHORITY.certificate, thief.certificate]):
        with pytest.raises(NotPinnedError):
            check(thief.but(others=others).token(MESSAGE, NOW))


def test_an_attacker_who_names_the_pinned_certificate_needs_its_key() -> None:
    forged = Stamper(sealed.p256(), AUTHORITY.certificate)
    with pytest.raises(SignatureError, match="does not verify"):
        check(forged.token(MESSAGE, NOW))


def test_without_its_certificate_a_token_cannot_be_checked() -> None:
    with pytest.raises(NotPinnedError):
        check(AUTHORITY.but(travels=False).token(MESSAGE, NOW))


def test_certificates_beside_the_pinned_one_are_ignored_in_any_order_and_state() -> None:
    """OpenSSL 3.0 writes them unsorted, some readers choke on garbage there: nobody has to read them."""
    by = AUTHORITY.but(others=[stamper("Spare").certificate, sealed.root().certificate])
    token = by.token(MESSAGE, NOW)
    assert check(token).pin == AUTHORITY.pin
    spoilt = bytearray(token)
    spoilt[token.index(b"Spare") :][:5] = b"Spoil"
    assert check(bytes(spoilt)).pin == AUTHORITY.pin


@pytest.mark.parametrize(
    "by",
    [
        stamper(usages=[]),
        stamper(usages=[ExtendedKeyUsageOID.SERVER_AUTH]),
        stamper(usages=[ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING]),
        stamper(critical=False),
        stamper(signs=False),
    ],
    ids=["no purpose", "another purpose", "two purposes", "not critical", "key not for signatures"],
)
def test_a_certificate_that_is_not_made_for_time_stamps_makes_none(by: Stamper) -> None:
    with pytest.raises(SignatureError, match="not made for"):
        check(by.token(MESSAGE, NOW), by)


@pytest.mark.parametrize(
    "time", [datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2036, 2, 1, tzinfo=UTC)]
)
def test_a_certificate_must_be_valid_at_the_time_of_the_stamp(time: datetime) -> None:
    with pytest.raises(SignatureError, match="not valid at the time"):
        check(AUTHORITY.token(MESSAGE, time))


def test_unsigned_attributes_and_other_versions_are_refused() -> None:
    with pytest.raises(MalformedError, match="unsigned"):
        check(AUTHORITY.but(unsigned=der.write(der.context(1))).token(MESSAGE, NOW))
    token = AUTHORITY.token(MESSAGE, NOW)
    version = token.index(b"\x02\x01\x03")
    with pytest.raises(MalformedError, match="version"):
        check(token[:version] + b"\x02\x01\x01" + token[version + 3 :])


def test_weak_algorithms_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    short = stamper("Short", rsa.generate_private_key(65537, 1024))
    with pytest.raises(MalformedError, match="shorter"):
        check(short.token(MESSAGE, NOW), short)
    curve = stamper("Curve", ec.generate_private_key(ec.SECP521R1()))
    with pytest.raises(MalformedError, match="P-256 or P-384"):
        check(curve.token(MESSAGE, NOW), curve)


def test_accuracy_widens_and_fractions_are_not_lost() -> None:
    accuracy = seq(der.write_integer(2), der.write(0x80, b"\x05"))
    stamp = check(AUTHORITY.but(accuracy=accuracy).token(MESSAGE, NOW))
    assert (stamp.earliest, stamp.latest) == (NOW - timedelta(seconds=3), NOW + timedelta(seconds=3))


@pytest.mark.parametrize(
    ("written", "second"),
    [("20260302093015Z", 15), ("20260302093015.25Z", 15), ("20260302093015.0Z", None), ("202603020930Z", None),
     ("20260302093015", None), ("20260230093015Z", None), ("20260302093060Z", None), ("00010101000000Z", None)],
)  # fmt: skip
def test_times_have_one_spelling(written: str, second: int | None) -> None:
    info = _at(timestamp.parse(AUTHORITY.token(MESSAGE, NOW)).content or b"", written)
    if second is None:
        with pytest.raises(MalformedError):
            timestamp.read_info(info)
    else:
        assert timestamp.read_info(info).time == NOW
        assert timestamp.read_info(info).accuracy == timedelta(seconds="." in written)


def _at(content: bytes, written: str) -> bytes:
    """Give the TSTInfo with another time in it."""
    parts = [
        der.write(der.GENERALIZED_TIME, written.encode()) if one.tag == der.GENERALIZED_TIME else one.raw
        for one in der.read(content).children()
    ]
    return seq(*parts)


def test_a_critical_extension_must_be_understood() -> None:
    def extension(critical: bytes) -> bytes:
        one = seq(
            der.write(der.OID, b"\x2a\x03"),
            der.write(der.BOOLEAN, critical),
            der.write(der.OCTET_STRING, b""),
        )
        return der.write(der.context(1), one)

    assert check(AUTHORITY.but(tail=extension(b"\0")).token(MESSAGE, NOW))
    with pytest.raises(MalformedError, match="critical"):
        check(AUTHORITY.but(tail=extension(b"\xff")).token(MESSAGE, NOW))


# -- requests and answers --------------------------------------------------------------------------------------


def test_a_request_asks_for_the_certificate_and_gets_its_nonce_back() -> None:
    request = timestamp_query.request(MESSAGE, 2**63 + 5)
    token = timestamp_query.token_of(AUTHORITY.answer(request, NOW))
    assert check(token).info.nonce == 2**63 + 5


def test_a_refusal_is_told_apart_from_rubbish() -> None:
    refusal = seq(seq(der.write_integer(2)))
    with pytest.raises(PolicyError, match="status 2"):
        timestamp_query.token_of(refusal)
    with pytest.raises(MalformedError):
        timestamp_query.token_of(b"<html>")
    with pytest.raises(MalformedError):
        timestamp_query.token_of(seq(seq(der.write_integer(0))))


def test_trimming_keeps_what_is_checked_and_drops_the_rest() -> None:
    by = BY_RSA.but(
        others=[stamper("Spare").certificate, sealed.root().certificate],
        unsigned=der.write(der.context(1), seq(der.write(der.OID, b"\x2a\x03"), der.write(der.SET, seq()))),
    )
    token = by.token(MESSAGE, NOW)
    small = timestamp_query.trimmed(token, [by.pin])
    assert check(small, by).pin == by.pin
    assert small == timestamp_query.trimmed(small, [by.pin])
    assert len(small) < len(token)


# -- tokens of other programs ----------------------------------------------------------------------------------

OPENSSL = Path(__file__).resolve().parents[1] / "vectors" / "rfc3161"


def test_a_token_of_openssl_is_accepted_whole_and_trimmed() -> None:
    """As many authorities answer: bare rsaEncryption, certificate named by SHA-1, chain, accuracy, ordering, name."""
    token = timestamp_query.token_of((OPENSSL / "openssl-rsa.tsr").read_bytes())
    (certificate,) = x509.load_pem_x509_certificates((OPENSSL / "openssl-rsa.pem").read_bytes())
    pins = [certificate.fingerprint(hashes.SHA256()).hex()]
    small = timestamp_query.trimmed(token, pins)
    for one in (token, small):
        stamp = timestamp.check(one, b"hello", pins)
        assert (stamp.authority, stamp.info.accuracy) == ("OpenSSL TSA", timedelta(seconds=2))
        assert stamp.info.nonce == 2**63 + 12345
    algorithms = [cms_signature.algorithm_of(timestamp.parse(one).signer) for one in (token, small)]
    assert (algorithms[0] == cms_signature.BARE_RSA, algorithms[1] == cms_signature.BARE_RSA) == (True, False)
    assert (len(timestamp.parse(token).certificates), len(timestamp.parse(small).certificates)) == (2, 1)


def test_a_token_of_pyhanko_is_accepted() -> None:
    by = stamper("pyHanko", RSA)
    private = RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    other = DummyTimeStamper(
        asn1_x509.Certificate.load(by.certificate.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(private),
        fixed_dt=NOW,
    )
    token = asyncio.run(other.async_timestamp(hashlib.sha256(MESSAGE).digest(), "sha256")).dump()
    assert check(token, by).info.time == NOW


@pytest.mark.parametrize("by", [AUTHORITY, BY_RSA.but(scheme="pss")], ids=["EC", "PSS"])
def test_whatever_is_done_to_a_token_ends_in_a_sentence(by: Stamper) -> None:
    """Bytes changed, left out, doubled, at random: an error of ours, or a token that still holds."""
    token = by.but(others=[sealed.root().certificate]).token(MESSAGE, NOW, nonce=1)
    chance = random.Random(20260306)
    for _ in range(3_000):
        start = chance.randrange(len(token))
        end = min(len(token), start + chance.randrange(1, 40))
        piece = chance.choice([b"", token[start:end] * 2, chance.randbytes(end - start)])
        changed = token[:start] + piece + token[end:]
        try:
            assert timestamp.check(changed, MESSAGE, [by.pin]).info.time == NOW
        except ProofError as error:
            assert str(error).endswith(".")


# -- vectors that nobody here wrote ----------------------------------------------------------------------------


def _vector(name: str) -> bytes:
    return timestamp_query.token_of(corpus.path(f"{VECTORS}/{name}").read_bytes())


def _pins(folder: str) -> list[str]:
    chain = x509.load_pem_x509_certificates(corpus.path(f"{VECTORS}/{folder}/ts_chain.pem").read_bytes())
    return [chain[0].fingerprint(hashes.SHA256()).hex()]


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("sigstage/response-sha256.tsr", "2025-05-09T11:58:55"),
        ("sigstage/response-sha384.tsr", "2025-05-09T11:58:55"),
        ("sigstage/response-sha512.tsr", "2025-05-09T11:58:56"),
        ("test_tsa/response.tsr", "2024-10-08T15:40:32"),
    ],
)
def test_vectors_that_must_be_accepted(name: str, time: str) -> None:
    folder = name.split("/")[0]
    stamp = timestamp.check(_vector(name), b"hello", _pins(folder))
    assert stamp.info.time.isoformat() == f"{time}+00:00"
    with pytest.raises(MalformedError, match="something else"):
        timestamp.check(_vector(name), b"hello!", _pins(folder))
    with pytest.raises(NotPinnedError):
        timestamp.check(_vector(name), b"hello", [AUTHORITY.pin])


def test_vector_of_another_authority_of_the_same_name_is_not_counted() -> None:
    token = _vector("test_tsa/other_response.tsr")
    with pytest.raises(NotPinnedError):
        timestamp.check(token, b"hello", _pins("test_tsa"))
    (own,) = timestamp.parse(token).certificates
    stamp = timestamp.check(token, b"hello", [hashlib.sha256(own.raw).hexdigest()])
    assert (stamp.authority, stamp.info.time.day) == ("Test TSA Timestamping", 31)


def test_vector_with_an_invalid_signature_is_refused() -> None:
    with pytest.raises(SignatureError, match="does not verify"):
        timestamp.check(_vector("sigstage/response-invalid-signature.tsr"), b"hello", _pins("sigstage"))


def test_vector_without_its_certificate_is_not_counted() -> None:
    with pytest.raises(NotPinnedError):
        timestamp.check(_vector("sigstage/response-no-embedded-cert.tsr"), b"hello", _pins("sigstage"))


def test_vector_with_injected_certificates_is_laid_to_its_true_signer_only() -> None:
    token = _vector("test_tsa/response-injected-certs.tsr")
    assert timestamp.check(token, b"hello", _pins("test_tsa")).authority == "Test TSA Timestamping"
    injected = timestamp.parse(token).certificates
    hashed = [hashlib.sha256(one.raw).hexdigest() for one in injected]
    spoofed = [pin for pin in hashed if pin not in _pins("test_tsa")]
    assert len(spoofed) == len(injected) - 1
    with pytest.raises(NotPinnedError):
        timestamp.check(token, b"hello", spoofed)


def test_vectors_of_requests_are_read_as_we_write_them() -> None:
    """The same fields in the same order: our own request with their nonce has their structure."""
    for name in ("sigstage/request.der", "test_tsa/request.der", "test_tsa/other_request.der"):
        theirs = der.read(corpus.path(f"{VECTORS}/{name}").read_bytes()).children()
        ours = der.read(timestamp_query.request(b"hello", 2**62)).children()
        assert [one.tag for one in theirs] == [one.tag for one in ours]
