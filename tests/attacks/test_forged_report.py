"""A forger works on the report itself: the page, the bundle inside, the seal over both."""

from dataclasses import replace

import pytest

from custody.proof import bundle
from custody.proof.findings import FindingCode, Level
from custody.proof.verdict import Event, Outcome, Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.world import story

STORY = story()
WORLD = STORY.world
BUNDLE = WORLD.bundle(STORY.item)
AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal")
POLICY = replace(WORLD.policy, seals=(AUTHORITY.pin,))
REPORT = sealed.seal(sealed.report(BUNDLE), SIGNER)
STRANGER = sealed.root("Stranger").issue("Seal")


def judge(report: bytes) -> Verdict:
    return verify_report(report, Question(policy=POLICY))


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def test_the_honest_report_verifies() -> None:
    assert judge(REPORT).outcome is Outcome.VERIFIED


def test_words_laid_over_the_page_in_an_update_break_the_seal() -> None:
    """PDF readers show the newest revision; the seal of an older one stays "valid" in many of them."""
    overlay = sealed.stream(b"", b"BT (Exhibit B-7) Tj ET")
    update = (
        REPORT + b"6 0 obj\n" + overlay + b"\nendobj\nxref\n0 1\n0000000000 65535 f\r\ntrailer\n<<>>\n%%EOF\n"
    )
    assert failures(judge(update)) == {FindingCode.SEAL_RANGE}


def test_an_update_sealed_by_a_stranger_is_not_the_agencys() -> None:
    assert failures(judge(sealed.seal(REPORT, STRANGER, field="Again"))) == {FindingCode.SEAL_CERTIFICATE}


def test_a_report_sealed_by_a_stranger_is_not_the_agencys() -> None:
    verdict = judge(sealed.seal(sealed.report(BUNDLE), STRANGER))
    assert failures(verdict) == {FindingCode.SEAL_CERTIFICATE}


def test_the_bundle_inside_cannot_be_exchanged() -> None:
    other = sealed.report(WORLD.bundle(STORY.second))
    assert failures(judge(sealed.seal(other, STRANGER))) == {FindingCode.SEAL_CERTIFICATE}
    swapped = REPORT.replace(REPORT[: len(sealed.report(BUNDLE))], other)
    assert judge(swapped).outcome is Outcome.NOT_VERIFIED


def test_a_bundle_the_agency_sealed_but_the_log_did_not_sign_is_not_verified() -> None:
    """The seal says only that the file is unchanged; the facts must stand by themselves."""
    parts = WORLD.parts(STORY.item)
    first, *rest = parts.openings
    lie = replace(parts, openings=(replace(first, opening=replace(first.opening, value="a lie")), *rest))
    verdict = judge(sealed.seal(sealed.report(bundle.build(lie)), SIGNER))
    assert failures(verdict) == {FindingCode.OPENING_MISMATCH}


def test_the_seal_can_not_be_taken_off() -> None:
    unsealed = sealed.report(BUNDLE)
    assert failures(judge(unsealed)) == {FindingCode.SEAL_MISSING}
    assert failures(judge(REPORT.replace(b"/ByteRange", b"/ByteRangf"))) == {FindingCode.SEAL_MISSING}


def digits(report: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of the seal begin and end."""
    start = report.rindex(b"/Contents <") + len(b"/Contents <")
    return start, report.index(b">", start)


def test_the_seal_of_one_report_does_not_fit_another() -> None:
    other = sealed.seal(sealed.report(WORLD.bundle(STORY.second)), SIGNER)
    (start, end), (other_start, other_end) = digits(REPORT), digits(other)
    room = other_end - other_start
    moved = other[:other_start] + REPORT[start:end].ljust(room, b"0")[:room] + other[other_end:]
    assert failures(judge(moved)) == {FindingCode.SEAL_DIGEST}


@pytest.mark.parametrize("numbers", [b"[0 10 20 30]", b"[0 0 0 0]", b"[0 1 99999 1]", b"[1 2 3 4]"])
def test_a_seal_over_a_part_of_the_file_is_refused(numbers: bytes) -> None:
    start = REPORT.rindex(b"/ByteRange") + len(b"/ByteRange")
    end = REPORT.index(b"]", start) + 1
    padded = numbers[:-1].ljust(end - start - 1) + b"]"
    assert failures(judge(REPORT[:start] + padded[: end - start] + REPORT[end:])) == {FindingCode.SEAL_RANGE}


def test_a_hole_for_other_content_is_refused() -> None:
    """The range leaves out more than the seal: room that could hold anything."""
    start = REPORT.rindex(b"/Contents <") + len(b"/Contents ")
    end = REPORT.index(b">", start) + 1
    old = b"%d %d" % (start, end)
    new = b"%d %d" % (start - 40, end)
    assert len(old) == len(new)
    moved = REPORT.replace(old, new, 1)
    assert failures(judge(moved)) == {FindingCode.SEAL_RANGE}


def test_something_behind_the_seal_in_its_reserved_space_is_refused() -> None:
    end = REPORT.index(b">", REPORT.rindex(b"/Contents <"))
    hidden = REPORT[: end - 20] + b"12345678" * 2 + REPORT[end - 4 :]
    assert len(hidden) == len(REPORT)
    assert failures(judge(hidden)) == {FindingCode.SEAL_MALFORMED}


def test_what_happened_is_told_from_the_bundle_and_never_from_the_page() -> None:
    lying = sealed.report(BUNDLE).replace(b"% nothing to see here", b"(Bought by Mallory)  ")
    verdict = judge(sealed.seal(lying, SIGNER))
    told = [event for event in verdict.events if isinstance(event, Event)]
    assert not any("Mallory" in str(statement.value) for event in told for statement in event.statements)
