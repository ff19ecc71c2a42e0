"""Every finding code: a bad bundle that shows it, its step, its level, and a line in the format's document."""

from pathlib import Path

import pytest

from custody.proof.findings import MEANING, STEPS, Audit, ExitCode, FindingCode, Level, counted
from custody.proof.verdict import Outcome, Verdict
from tests.proof.bad import BAD

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "proof-format.md"
EVERYWHERE = {FindingCode.PASSED, FindingCode.STEP_NOT_RUN}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[FindingCode, Verdict]:
    folder = tmp_path_factory.mktemp("bad")
    return {code: judge(folder) for code, judge in BAD.items()}


@pytest.mark.parametrize("code", FindingCode)
def test_a_bad_bundle_shows_the_finding(code: FindingCode, verdicts: dict[FindingCode, Verdict]) -> None:
    verdict = verdicts[code]
    found = [finding for finding in verdict.findings if finding.code is code]
    assert found, [finding.code for finding in verdict.findings]
    assert all(finding.sentence.endswith((".", "?")) for finding in found)
    if code not in EVERYWHERE:
        assert {(finding.step, finding.level) for finding in found} == {MEANING[code]}


@pytest.mark.parametrize("code", FindingCode)
def test_its_level_decides_the_verdict(code: FindingCode, verdicts: dict[FindingCode, Verdict]) -> None:
    level = MEANING[code][1] if code not in EVERYWHERE else Level.OK
    outcome = verdicts[code].outcome
    if level is Level.FAILURE:
        assert outcome is Outcome.NOT_VERIFIED
    elif level is Level.REMARK:
        assert outcome is Outcome.WITH_REMARKS


def test_every_code_has_a_step_and_a_level() -> None:
    assert set(MEANING) == set(FindingCode) - EVERYWHERE
    assert all(0 <= step < len(STEPS) for step, _ in MEANING.values())


@pytest.mark.parametrize("code", FindingCode)
def test_every_code_has_a_line_in_the_document(code: FindingCode) -> None:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith(f"| `{code}` |")]
    assert len(lines) == 1
    if code not in EVERYWHERE:
        step, level = MEANING[code]
        assert lines[0].startswith(f"| `{code}` | {step} | {level} |")


def test_the_document_names_no_other_codes() -> None:
    section = DOCUMENT.read_text("utf-8").split("## Finding codes")[1].split("\n## ")[0]
    named = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}
    assert named == {str(code) for code in FindingCode}


def test_a_step_that_failed_is_not_said_to_have_passed() -> None:
    audit = Audit()
    audit.add(FindingCode.ENTRY_ORDER, "They are not.")
    audit.passed(3, "All is well.")
    audit.passed(4, "All is well.")
    assert [(finding.step, finding.code) for finding in audit.findings()] == [
        (3, FindingCode.ENTRY_ORDER),
        (4, FindingCode.PASSED),
    ]


def test_findings_are_given_by_step() -> None:
    audit = Audit()
    audit.passed(9, "Later.")
    audit.passed(2, "Earlier.")
    assert [finding.step for finding in audit.findings()] == [2, 9]


def test_the_exit_codes_are_0_1_2() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2]
    assert Verdict(()).exit_code == 2, "nothing checked is not verified"


def test_numbers_are_written_as_people_write_them() -> None:
    assert [counted(1, "entry"), counted(2, "entry"), counted(0, "record")] == [
        "1 entry",
        "2 entries",
        "0 records",
    ]
