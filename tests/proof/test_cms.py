"""The seal's CMS message: strict DER, nothing unchecked in it, certificates that lead where they should."""

from dataclasses import replace

import pytest
from asn1crypto import cms as asn1_cms

from custody.proof import cms, cms_chain, cms_signature, der, seal
from custody.proof.errors import MalformedError, ProofError
from custody.proof.findings import FindingCode, FoundError
from tests.proof import sealed

AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal")
REPORT = sealed.seal(sealed.report(b"{}"), SIGNER)
START = REPORT.rindex(b"/Contents <") + len(b"/Contents ")
END = REPORT.index(b">", START) + 1
MESSAGE = der.read_first(bytes.fromhex(REPORT[START + 1 : END - 1].decode())).raw
CONTENT = (REPORT[:START], REPORT[END:])


def holds(message: bytes) -> bool:
    """Tell whether the message is accepted as a seal, whoever made it."""
    try:
        signer, signed = cms.check(message, CONTENT)
        cms_chain.walk(signer, signed.certificates)
    except ProofError:
        return False
    return True


def refused(report: bytes, pins: tuple[str, ...] = ()) -> FindingCode:
    with pytest.raises(FoundError) as caught:
        seal.check(report, pins)
    return caught.value.code


@pytest.mark.filterwarnings("ignore")
def test_no_byte_of_the_message_can_be_changed() -> None:
    """The exhaustive search that found the unused bits of a certificate's signature: every byte, two masks."""
    assert holds(MESSAGE)
    for place in range(len(MESSAGE)):
        for mask in (0x01, 0x40 | place & 0xBF or 0x80):
            changed = MESSAGE[:place] + bytes([MESSAGE[place] ^ mask]) + MESSAGE[place + 1 :]
            assert not holds(changed), (place, mask)


def test_no_byte_can_be_left_out_or_added() -> None:
    for place in range(0, len(MESSAGE), 7):
        assert not holds(MESSAGE[:place] + MESSAGE[place + 1 :])
        assert not holds(MESSAGE[:place] + b"\0" + MESSAGE[place:])


def test_a_seal_that_names_another_certificate_than_it_carries_is_refused() -> None:
    twin = sealed.Certified(SIGNER.key, AUTHORITY.issue("Twin").certificate, SIGNER.above)
    assert refused(sealed.seal(sealed.report(b"{}"), twin)) is FindingCode.SEAL_SIGNATURE


def test_spare_certificates_are_refused() -> None:
    report = sealed.seal(
        sealed.report(b"{}"), SIGNER, above=(*SIGNER.above, sealed.root("Spare").certificate)
    )
    assert refused(report) is FindingCode.SEAL_CERTIFICATE


def test_a_chain_must_end_in_a_self_signed_certificate() -> None:
    middle = AUTHORITY.issue("Issuing authority", authority=True)
    report = sealed.seal(sealed.report(b"{}"), middle.issue("Seal"), above=(middle.certificate,))
    assert refused(report) is FindingCode.SEAL_CERTIFICATE


def test_a_certificate_that_is_no_authority_issues_nothing() -> None:
    thief = SIGNER.issue("Made by a seal")
    assert refused(sealed.seal(sealed.report(b"{}"), thief), (AUTHORITY.pin,)) is FindingCode.SEAL_CERTIFICATE


def test_an_authority_of_the_same_name_is_not_the_pinned_one() -> None:
    impostor = sealed.root("Test authority").issue("Seal")
    assert (
        refused(sealed.seal(sealed.report(b"{}"), impostor), (AUTHORITY.pin,)) is FindingCode.SEAL_CERTIFICATE
    )


def test_an_authority_does_not_seal_reports_itself() -> None:
    assert refused(sealed.seal(sealed.report(b"{}"), AUTHORITY)) is FindingCode.SEAL_CERTIFICATE


def test_a_signature_that_does_not_name_its_certificate_is_not_pades() -> None:
    info = asn1_cms.ContentInfo.load(MESSAGE)
    signer = info["content"]["signer_infos"][0]
    kept = [one for one in signer["signed_attrs"] if one["type"].native != "signing_certificate_v2"]
    signer["signed_attrs"] = asn1_cms.CMSAttributes(kept)
    with pytest.raises(MalformedError, match="lacks a signed attribute"):
        cms.check(info.dump(force=True), CONTENT)


def test_unsigned_attributes_are_refused() -> None:
    info = asn1_cms.ContentInfo.load(MESSAGE)
    signer = info["content"]["signer_infos"][0]
    signer["unsigned_attrs"] = asn1_cms.CMSAttributes([signer["signed_attrs"][0]])
    with pytest.raises(MalformedError, match="unsigned"):
        cms.check(info.dump(force=True), CONTENT)


def test_a_short_rsa_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cms_signature, "MIN_RSA_BITS", 4096)
    report = sealed.seal(sealed.report(b"{}"), AUTHORITY.issue("Seal", sealed.rsa2048))
    assert refused(report) is FindingCode.SEAL_MALFORMED


def test_other_bytes_than_the_sealed_ones_are_named_as_such() -> None:
    with pytest.raises(cms.DigestError):
        cms.check(MESSAGE, (CONTENT[0], CONTENT[1] + b"more"))


def test_digits_in_two_cases_are_refused() -> None:
    """A letter whose case was changed would be a changed byte that changes nothing."""
    place = next(at for at in range(START + 1, END) if REPORT[at : at + 1].isalpha())
    changed = REPORT[:place] + REPORT[place : place + 1].swapcase() + REPORT[place + 1 :]
    assert refused(changed) is FindingCode.SEAL_RANGE


def test_the_fingerprint_is_what_a_policy_pins() -> None:
    assert cms_chain.fingerprint(SIGNER.certificate) == SIGNER.pin
    chain = (SIGNER.certificate, AUTHORITY.certificate)
    cms_chain.check_pinned(chain, (AUTHORITY.pin,))
    with pytest.raises(cms.CertificateError):
        cms_chain.check_pinned(chain, (AUTHORITY.pin.upper(),))


@pytest.mark.parametrize(
    "data",
    ["", "30", "3003020101ff", "3080020101 0000", "308103020101", "30820003020101", "3084ffffffff", "1f0101"],
    ids=["empty", "cut", "more", "indefinite", "long form", "leading zero", "huge", "high tag"],
)
def test_der_has_one_spelling(data: str) -> None:
    with pytest.raises(MalformedError):
        der.read(bytes.fromhex(data))


def test_der_is_read_as_a_tree() -> None:
    element = der.read(bytes.fromhex("3006020101020200ff"[:2] + "07" + "020101020200ff"))
    parts = der.Parts(element, "test")
    assert der.small_integer(parts.take(der.INTEGER, "one"), "one") == 1
    assert parts.take_if(der.OID) is None
    assert der.small_integer(parts.take(der.INTEGER, "two"), "two") == 255
    parts.end()
    with pytest.raises(MalformedError, match="ends before"):
        parts.take(der.INTEGER, "three")


@pytest.mark.parametrize("number", ["0201ff", "020200ff00"[:6], "02020001", "0203010000", "0200"])
def test_small_integers_are_short_and_not_negative(number: str) -> None:
    with pytest.raises(MalformedError):
        der.small_integer(der.read(bytes.fromhex(number)), "number")


def test_a_sequence_must_be_used_up() -> None:
    parts = der.Parts(der.read(bytes.fromhex("3003020101")), "test")
    with pytest.raises(MalformedError, match="does not know"):
        parts.end()
    with pytest.raises(MalformedError, match="exactly one"):
        der.read(bytes.fromhex("3000")).only_child("test")
    assert replace(der.read(bytes.fromhex("0500")), content=b"x").content == b"x"
