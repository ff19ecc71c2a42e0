"""The JavaScript verifier in a terminal answers like the Python one: exit codes, and findings before any report is read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof_html.other import CLI, ROOT, node
from tests.proof_html.questions import agreed

VECTORS = ROOT / "tests" / "vectors" / "report"
POLICY = ["--policy", str(VECTORS / "policy.txt")]

MAPS = json.loads((VECTORS / "custody-proof.json").read_bytes())["map"]
ITEM = next(one["id"] for one in MAPS if one["ns"] == "item")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.txt").write_text("trust everybody\n", "utf-8")
    (tmp_path / "latin1.txt").write_bytes(b"# caf\xe9\nquorum none\n")
    (tmp_path / "long.txt").write_text("# long\n" * 4_000, "utf-8")
    (tmp_path / "disk.img").write_bytes(b"something else")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["report.pdf", *POLICY], 0),
        (["erased.json", *POLICY], 1),
        (["report.pdf"], 1),
        (["report.pdf", *POLICY, "--compare", "erased.json"], 0),
        (["report.pdf", *POLICY, "--compare", "missing.json"], 1),
        (["report.pdf", *POLICY, "--compare", "{folder}/disk.img"], 1),
        (["missing.pdf", *POLICY], 2),
        (["report.pdf", "--policy", "missing.txt"], 2),
        (["report.pdf", "--policy", "{folder}/bad.txt"], 2),
        (["report.pdf", "--policy", "{folder}/latin1.txt"], 2),
        (["report.pdf", "--policy", "{folder}/long.txt"], 2),
        (["report.pdf", *POLICY, "--evidence", "{folder}/disk.img"], 2),
        (["report.pdf", *POLICY, "--evidence", "missing.img"], 2),
        (["report.pdf", *POLICY, "--item", ITEM], 0),
        (["report.pdf", *POLICY, "--item", "00000000-0000-4000-8000-000000000000"], 2),
        (["report.pdf", *POLICY, "--case", "00000000-0000-4000-8000-000000000000"], 2),
    ],
)
def test_both_programs_answer_the_same(arguments: list[str], exit_code: int, folder: Path) -> None:
    asked = [argument.replace("{folder}", str(folder)) for argument in arguments]
    mine = _run([sys.executable, "-m", "custody.proof"], asked)
    theirs = _run([node(), str(CLI)], asked)
    assert theirs == mine
    assert mine["exit_code"] == exit_code


def _run(program: list[str], arguments: list[str]) -> dict[str, object]:
    asked = [str(VECTORS / one) if (VECTORS / one).exists() and "/" not in one else one for one in arguments]
    done = subprocess.run(
        [*program, *asked, "--json"],
        capture_output=True,
        text=True,
        cwd=VECTORS,
        env=_environment(),
        timeout=120,
    )
    assert done.stdout, done.stderr
    answer = agreed(json.loads(done.stdout))
    assert answer["exit_code"] == done.returncode
    return answer


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
