"""Both verifiers give the same verdict, findings, events and fork on everything the other tests ever ask.

The tests of the Python verifier, one bad bundle per finding code and all attacks among them, run once more under
recorder.py; each of their questions then goes to the JavaScript verifier.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from custody.proof.findings import FindingCode
from tests.proof_html.other import ROOT, OtherVerifier
from tests.proof_html.questions import agreed

# Files whose tests hand reports and bundles to the verifier; of the attacks, those that do not need the server.
ASKING = (
    *(
        f"tests/proof/test_{name}.py"
        for name in (
            "findings",
            "verify",
            "compare",
            "pdf",
            "cms",
            "cli",
            "golden_reports",
            "anchors",
            "report_receipt",
            "seal_stamp",
            "thirty_years",
        )
    ),
    *(
        f"tests/attacks/test_{name}.py"
        for name in (
            "changed_bytes",
            "forged_report",
            "forged_time",
            "forked_to_a_witness",
            "omitted_entries",
            "passkeys",
            "rewritten_log",
            "stolen_log_key",
            "stolen_signing_key",
            "too_few_witnesses",
            "verifier_never_gives_up",
        )
    ),
)
# These change a limit of the running Python verifier, which the other one cannot know.
DESELECTED = ("tests/proof/test_anchors.py::test_too_many_stamps_are_refused_before_any_is_checked",)
# Found before there is a report to ask about: test_command_line.py shows these.
BEFORE_ANY_QUESTION = {
    FindingCode.INPUT_UNREADABLE,
    FindingCode.POLICY_UNREADABLE,
    FindingCode.EVIDENCE_UNREADABLE,
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    record = tmp_path_factory.mktemp("asked") / "questions.jsonl"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.proof_html.recorder",
        "-p",
        "no:django",
    ]
    done = subprocess.run(
        [*command, *ASKING, *(f"--deselect={test}" for test in DESELECTED)],
        cwd=ROOT,
        env={**_own_environment(), "UNBROKEN_RECORD": str(record)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return [json.loads(line) for line in Path(record).read_text("ascii").splitlines()]


def _own_environment() -> dict[str, str]:
    """Leave out what this run of the tests has told its own programs: the other run makes its own."""
    ours = ("PYTEST_", "UNBROKEN_", "DJANGO_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def test_every_question_of_the_tests_gets_the_same_answer(asked: list[dict[str, Any]]) -> None:
    assert len(asked) > 800, "the recorder must not fall silent"
    with OtherVerifier() as other:
        for one in asked:
            theirs = agreed(other.ask(one["question"]))
            if "test_changed_bytes" in one["test"]:
                assert _blind_to_libraries(theirs) == _blind_to_libraries(one["answer"]), one["test"]
            else:
                assert theirs == one["answer"], one["test"]


def _blind_to_libraries(answer: dict[str, Any]) -> dict[str, Any]:
    """Take a certificate that cannot be read for one that is not named: of a certificate with a random byte changed,
    libraries read some parts that nothing here depends on, and refuse them. The verdict is the same."""
    unread = {"seal-malformed": "seal-certificate"}
    findings = [[step, unread.get(code, code), *rest] for step, code, *rest in answer["findings"]]
    return {**answer, "findings": findings}


def test_the_questions_show_every_finding(asked: list[dict[str, Any]]) -> None:
    shown = {finding[1] for one in asked for finding in one["answer"]["findings"]}
    assert shown >= {str(code) for code in FindingCode} - BEFORE_ANY_QUESTION
