"""Reports as PDF: the one bundle is found, a second one never is, and the seal covers everything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from custody.proof import pdf, pdf_objects
from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode, FoundError, Level
from custody.proof.pdf_objects import Name, Reference, objects
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.world import story

STORY = story()
BUNDLE = STORY.world.bundle(STORY.item)
AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal")
POLICY = replace(STORY.world.policy, seals=(AUTHORITY.pin,))
MORE = sealed.stream(b"/Type/EmbeddedFile", b'{"format":"unbroken.custody-bundle/v1"}')
FILE_SPEC = b"<</Type/Filespec/F(more.json)/EF<</F 8 0 R>>>>"


def codes(verdict: Verdict, level: Level = Level.FAILURE) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is level}


def refused(data: bytes) -> FindingCode:
    with pytest.raises(FoundError) as caught:
        pdf.embedded_bundle(data)
    return caught.value.code


@pytest.mark.parametrize(
    "data",
    [
        sealed.report(BUNDLE),
        sealed.report(BUNDLE, packed=False),
        sealed.report(BUNDLE, name=b"<637573746F64792D70726F6F662E6A736F6E>"),
        sealed.report(BUNDLE, name=b"<FEFF" + "custody-proof.json".encode("utf-16-be").hex().encode() + b">"),
        sealed.report(BUNDLE, name=rb"(custody\055proof.js\on)"),
        sealed.report(BUNDLE, FILE_SPEC, sealed.stream(b"/Type/EmbeddedFile", b"a photograph")),
    ],
    ids=["packed", "plain", "hexadecimal name", "name in UTF-16", "name with escapes", "beside another file"],
)
def test_the_bundle_is_found(data: bytes) -> None:
    assert pdf.embedded_bundle(data) == BUNDLE


@pytest.mark.parametrize("packed", [True, False])
def test_the_bundle_of_a_report_laid_out_by_typst_is_found(packed: bool, tmp_path: Path) -> None:
    data = BUNDLE if packed else b'{"short":"enough to stay unpacked"}'
    (tmp_path / "custody-proof.json").write_bytes(data)
    (tmp_path / "report.typ").write_text(
        '#set document(title: "Report")\n#set text(lang: "en")\n'
        '#pdf.attach("custody-proof.json", relationship: "data", mime-type: "application/json", description: "proof")\n'
        "= Report\nSome words.\n"
    )
    made = typst.compile(tmp_path / "report.typ", format="pdf", pdf_standards=["a-3a"])
    assert pdf.embedded_bundle(sealed.seal(made + b"\n", SIGNER)) == data


def test_a_report_without_a_bundle_is_refused() -> None:
    assert refused(b"%PDF-1.7\n") is FindingCode.PDF_BUNDLE_MISSING
    assert refused(sealed.report(b"{}", name=b"(notes.txt)")) is FindingCode.PDF_BUNDLE_MISSING


@pytest.mark.parametrize(
    "more",
    [
        (FILE_SPEC, MORE),
        (FILE_SPEC, MORE.replace(b"/Type/EmbeddedFile", b"/Type/Embedded#46ile")),
        (FILE_SPEC, MORE.replace(b"/Type/EmbeddedFile", b"")),
        (FILE_SPEC.replace(b"more.json", b"custody-proof.json"), MORE.replace(b"unbroken", b"whatever")),
        (b"(just an object)", MORE),
    ],
    ids=["attached", "name escaped", "without a type", "same name", "not attached"],
)
def test_a_second_bundle_is_found_wherever_it_is(more: tuple[bytes, bytes]) -> None:
    assert refused(sealed.report(BUNDLE, *more)) is FindingCode.PDF_BUNDLE_SEVERAL


def test_a_bundle_that_replaces_another_makes_two() -> None:
    replaced = b"5 0 obj\n" + sealed.stream(b"/Type/EmbeddedFile", b"{}") + b"\nendobj\n"
    assert refused(sealed.report(BUNDLE) + replaced) is FindingCode.PDF_BUNDLE_SEVERAL


@pytest.mark.parametrize(
    "more",
    [
        (b"<</Type/ObjStm/N 0/First 0/Length 0>>\nstream\n\nendstream",),
        (b"<</Type/Obj#53tm/N 0/First 0/Length 0>>\nstream\n\nendstream",),
        (b"[" + FILE_SPEC + b"]", MORE),
        (FILE_SPEC.replace(b"<</F 8 0 R>>", b"8 0 R"), MORE),
        (FILE_SPEC.replace(b"/EF", b"/#45F%\n"), MORE.replace(b"/Type/", b"/Kind/")),
        (b"<</Pad(" + b"x" * 9000 + b")/Type/EmbeddedFile/Length 2>>\nstream\n{}\nendstream",),
        (b"<</Type/EmbeddedFile/Note(endobj)/Length 2>>\nstream\n{}\nendstream",),
    ],
    ids=["object stream", "escaped", "nested", "indirect", "comment", "far away", "false end"],
)
def test_a_report_in_which_something_could_hide_is_refused(more: tuple[bytes, ...]) -> None:
    assert refused(sealed.report(BUNDLE, *more)) in {
        FindingCode.PDF_BUNDLE_DAMAGED,
        FindingCode.PDF_BUNDLE_SEVERAL,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Filter/FlateDecode", b"/Filter/LZWDecode"),
        (b"/Filter/FlateDecode", b"/Filter/FlateDecode/DecodeParms<<>>"),
        (b"/Filter/FlateDecode", b"/Filter/FlateDecode/Filter/FlateDecode"),
        (b"/Filter/FlateDecode", b"/Filter[/FlateDecode/FlateDecode]"),
        (b"/EF<</F 5 0 R>>", b"/EF<</F 99 0 R>>"),
        (b"endstream", b"endstrea m"),
        (b"x\x9c", b"xx"),
    ],
)
def test_a_bundle_that_cannot_be_unpacked_is_refused(old: bytes, new: bytes) -> None:
    assert refused(sealed.report(BUNDLE).replace(old, new)) is FindingCode.PDF_BUNDLE_DAMAGED


def test_a_bundle_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_BUNDLE", len(BUNDLE) - 1)
    assert refused(sealed.report(BUNDLE)) is FindingCode.PDF_BUNDLE_DAMAGED
    assert refused(sealed.report(BUNDLE, packed=False)) is FindingCode.PDF_BUNDLE_DAMAGED


def test_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "MAX_OBJECTS", 3)
    assert refused(sealed.report(BUNDLE)) is FindingCode.PDF_BUNDLE_DAMAGED


def test_dictionaries_are_read_with_everything_that_may_be_in_them() -> None:
    made = b"<</A 1/B -2/C[1 0 R/N#20x(a\\)b\\\r\nc\\101)<4 1>]/D<</E null/F 1.5>>% comment\n/Z/Filespec>>"
    (found,) = objects(b"7 0 obj" + made)
    assert found.reference == Reference(7, 0)
    assert found.dictionary == {
        b"A": 1,
        b"B": -2,
        b"C": [Reference(1, 0), Name(b"N x"), b"a)bcA", b"A"],
        b"D": {b"E": pdf_objects.Word(b"null"), b"F": pdf_objects.Word(b"1.5")},
        b"Z": Name(b"Filespec"),
    }


@pytest.mark.parametrize(
    "made",
    [
        b"<</A/Filespec",
        b"<</A/Filespec/A 1>>",
        b"<<(A)/Filespec>>",
        b"<</A/Filespec/B(open>>",
        b"<</A/Filespec/B<4x>>>",
        b"<</A/Filespec/B}>>",
        b"<</A/Filespec/B" + b"[" * 50 + b"]" * 50 + b">>",
        b"<</Length 1>>\nstream x",
    ],
)
def test_dictionaries_that_can_be_read_in_two_ways_are_refused(made: bytes) -> None:
    with pytest.raises(MalformedError):
        list(objects(b"7 0 obj" + made))


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (sealed.p256, {}),
        (sealed.p384, {"digest": "sha384"}),
        (sealed.rsa2048, {}),
        (sealed.rsa2048, {"digest": "sha512"}),
        (sealed.rsa2048, {"pss": True}),
    ],
    ids=["P-256", "P-384", "RSA", "RSA with SHA-512", "RSA-PSS"],
)
def test_a_sealed_report_is_verified(
    make: Callable[[], sealed.PrivateKey], options: dict[str, object]
) -> None:
    signer = AUTHORITY.issue("Seal", make)
    data = sealed.seal(sealed.report(BUNDLE), signer, **options)  # type: ignore[arg-type]
    assert verify_report(data, Question(policy=POLICY)).outcome is Outcome.VERIFIED
    own = replace(POLICY, seals=(signer.pin,))
    assert verify_report(data, Question(policy=own)).outcome is Outcome.VERIFIED


def test_a_seal_through_two_authorities_is_verified_from_every_pin() -> None:
    middle = AUTHORITY.issue("Issuing authority", authority=True)
    signer = middle.issue("Seal")
    data = sealed.seal(sealed.report(BUNDLE), signer)
    for pin in (AUTHORITY.pin, middle.pin, signer.pin):
        verdict = verify_report(data, Question(policy=replace(POLICY, seals=("00" * 32, pin))))
        assert verdict.outcome is Outcome.VERIFIED


def test_a_seal_with_its_own_certificate_only_is_verified_if_that_is_pinned() -> None:
    alone = sealed.root("Lone seal", authority=False)
    data = sealed.seal(sealed.report(BUNDLE), alone)
    assert (
        verify_report(data, Question(policy=replace(POLICY, seals=(alone.pin,)))).outcome is Outcome.VERIFIED
    )


def test_a_report_as_the_product_seals_it_is_verified(tmp_path: Path) -> None:
    from custody.reports.seal import make_test_seal
    from custody.reports.sealing import sign

    now = datetime(2026, 3, 2, tzinfo=UTC)
    own = make_test_seal(tmp_path / "seal", "Agency", now=now)
    data = sign(sealed.report(BUNDLE), own, reason="Custody report", now=now)
    pinned = replace(POLICY, seals=(own.ca_fingerprint(),))
    assert verify_report(data, Question(policy=pinned)).outcome is Outcome.VERIFIED


def test_an_unpinned_seal_is_a_remark_and_names_its_certificate() -> None:
    verdict = verify_report(sealed.seal(sealed.report(BUNDLE), SIGNER), Question(policy=STORY.world.policy))
    assert codes(verdict, Level.REMARK) == {FindingCode.SEAL_NOT_PINNED}
    assert any("(Seal)" in finding.sentence for finding in verdict.findings)


def test_what_follows_the_seal_breaks_it() -> None:
    data = sealed.seal(sealed.report(BUNDLE), SIGNER)
    for more in (b"\n", b"0", sealed.report(BUNDLE)):
        assert FindingCode.SEAL_RANGE in codes(verify_report(data + more, Question(policy=POLICY)))
    assert FindingCode.SEAL_RANGE in codes(verify_report(data[:-1], Question(policy=POLICY)))


def test_a_second_seal_takes_the_place_of_the_first() -> None:
    """The last seal covers everything, the first one included; it must be the agency's."""
    first = sealed.seal(sealed.report(BUNDLE), SIGNER)
    stranger = sealed.root("Stranger").issue("Stranger's seal")
    assert codes(verify_report(sealed.seal(first, stranger, field="Second"), Question(policy=POLICY))) == {
        FindingCode.SEAL_CERTIFICATE
    }
    again = sealed.seal(first, AUTHORITY.issue("New seal"), field="Second")
    assert verify_report(again, Question(policy=POLICY)).outcome is Outcome.VERIFIED


def test_words_that_look_like_a_byte_range_are_not_taken_for_one() -> None:
    data = sealed.seal(sealed.report(BUNDLE, b"(see /ByteRange [0 10 20 30])"), SIGNER)
    assert verify_report(data, Question(policy=POLICY)).outcome is Outcome.VERIFIED
