"""The offline verifier as people run it: what it prints, how it exits, and that it needs next to nothing."""

import ast
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from custody.proof import build_zipapp, bundle
from custody.proof.__main__ import main
from custody.proof.bundle import AnchorPart
from custody.proof.findings import STEPS
from custody.proof.policy import format_policy
from tests.proof import sealed, stamps
from tests.proof.world import Story, T, story, without

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = b"the bytes of the disk image"


@dataclass(frozen=True)
class Desk:
    """The files on a reader's desk."""

    told: Story
    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    told, folder = story(), tmp_path_factory.mktemp("desk")
    world = told.world
    item = world.intake(sha256=hashlib.sha256(EVIDENCE).hexdigest())
    world.publish()
    authority = sealed.root()
    policy = replace(world.policy, seals=(authority.pin,))
    report = sealed.seal(sealed.report(world.bundle()), authority.issue("Seal of the agency"))
    (folder / "report.pdf").write_bytes(report)
    (folder / "changed.pdf").write_bytes(report[:200] + b"\0" + report[201:])
    (folder / "bundle.json").write_bytes(world.bundle(told.item, item))
    (folder / "short.json").write_bytes(bundle.build(without(world.parts(told.item), told.approve + 1)))
    (folder / "policy.txt").write_text(format_policy(policy))
    (folder / "disk.img").write_bytes(EVIDENCE)
    (folder / "other.img").write_bytes(b"other bytes")
    return Desk(told, folder)


def run(desk: Desk, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the verifier in this process; arguments that name files on the desk are made paths."""
    named = [desk.path(one) if (desk.folder / one).is_file() else one for one in arguments]
    code = main(named)
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, captured.out


def test_a_verified_report_says_so_first_and_exits_with_0(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "report.pdf", "--policy", "policy.txt")
    assert (code, out.splitlines()[0]) == (0, "VERIFIED: report.pdf")


def test_without_a_policy_it_says_with_remarks_and_exits_with_1(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "report.pdf")
    assert (code, out.splitlines()[0]) == (1, "VERIFIED WITH REMARKS: report.pdf")
    assert "[remark: policy-not-pinned]" in out


def test_a_changed_report_exits_with_2_and_names_the_step(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "changed.pdf", "--policy", "policy.txt")
    first, second, *_ = out.splitlines()
    assert (code, first) == (2, "NOT VERIFIED: changed.pdf")
    assert second == "Failed in step 0 (Input)."
    assert "[FAILED: seal-digest]" in out


def test_an_omission_is_named_by_the_steps_that_notice_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "short.json", "--policy", "policy.txt")
    assert code == 2
    assert out.splitlines()[1] == "Failed in step 5 (Nothing is left out)."
    assert "NOT PROVEN" in out


def test_every_step_is_listed_by_number_and_name(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(desk, capsys, "report.pdf", "--policy", "policy.txt")
    titles = [line for line in out.splitlines() if line[:2].strip().isdigit() and line.endswith(": ok")]
    assert titles == [f"{number:>2}  {name}: ok" for number, name in enumerate(STEPS)]


def test_the_events_are_listed_with_date_signer_and_statements(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = run(desk, capsys, "bundle.json", "--policy", "policy.txt")
    assert "2026-03-02 09:08:00   exhibit taken in (entry 8)" in out
    assert f"item {desk.told.item} (its record 1)" in out
    assert "(examiner)" in out
    assert "exhibit: A-1" in out


def test_what_is_not_opened_is_said_to_be_withheld(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    parts = replace(desk.told.world.parts(desk.told.item), openings=())
    (desk.folder / "closed.json").write_bytes(bundle.build(parts))
    code, out = run(desk, capsys, "closed.json", "--policy", "policy.txt")
    assert code == 0
    assert "exhibit: withheld" in out
    assert "A-1" not in out


def test_what_must_be_complete_can_be_asked_for(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    told = desk.told
    assert run(desk, capsys, "report.pdf", "--policy", "policy.txt", "--case", str(told.world.case))[0] == 0
    assert run(desk, capsys, "report.pdf", "--policy", "policy.txt", "--item", str(told.item))[0] == 0
    code, out = run(desk, capsys, "report.pdf", "--policy", "policy.txt", "--item", str(uuid4()))
    assert code == 2
    assert "map-proof-missing" in out


def test_evidence_files_are_compared(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(desk, capsys, "bundle.json", "--policy", "policy.txt", "--evidence", "disk.img")
    assert code == 0
    assert "The file disk.img is unchanged" in out
    code, out = run(
        desk, capsys, "bundle.json", "--policy", "policy.txt", "--evidence", "disk.img", "other.img"
    )
    assert code == 2
    assert "evidence-mismatch" in out


def test_a_fork_is_printed_with_both_signed_heads(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    world = desk.told.world
    other = world.fork(desk.told.accept)
    other.record(T.TRANSFER_REFUSE, other.otto, desk.told.item, refs=[desk.told.offer])
    other.publish()
    (desk.folder / "fork.json").write_bytes(other.bundle(desk.told.item))
    code, out = run(desk, capsys, "report.pdf", "--policy", "policy.txt", "--compare", "fork.json")
    assert code == 2
    assert "[FAILED: fork-proven]" in out
    for note in (world.note, other.note):
        assert note.strip() in out


def test_the_verdict_for_machines_has_the_same_findings(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "short.json", "--policy", "policy.txt", "--json")
    value = json.loads(out)
    assert (value["format"], value["verdict"], value["exit_code"]) == (
        "unbroken.custody-verdict/v1",
        "not verified",
        code,
    )
    assert [step["name"] for step in value["steps"]] == list(STEPS)
    assert [finding["code"] for finding in value["steps"][5]["findings"]] == ["entries-missing"]
    intake = next(event for event in value["events"] if event.get("type") == "item.intake")
    assert intake["statements"]["exhibit"] == "A-1"
    assert intake["items"] == [{"item": str(desk.told.item), "seq": 1}]


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing.pdf",),
        (".",),
        ("policy.txt",),
        ("disk.img", "--policy", "policy.txt"),
        ("report.pdf", "--policy", "disk.img"),
        ("report.pdf", "--policy", "missing.txt"),
        ("bundle.json", "--evidence", "missing.img"),
        ("name\0with a null.pdf",),
    ],
)
def test_what_cannot_be_read_exits_with_2_and_a_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out = run(desk, capsys, *arguments)
    assert code == 2
    assert out.startswith("NOT VERIFIED: ")
    assert "Traceback" not in out


def test_a_report_to_compare_with_that_cannot_be_read_is_a_remark(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(desk, capsys, "report.pdf", "--policy", "policy.txt", "--compare", "missing.pdf")
    assert code == 1
    assert "other-not-usable" in out
    assert "no other report was given" not in out


@pytest.mark.parametrize("arguments", [[], ["report.pdf", "--item", "A-1"], ["report.pdf", "--trust-me"]])
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: unbroken-verify" in capsys.readouterr().err


def test_a_statement_cannot_write_on_the_terminal(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    world = story().world
    world.intake(note="fine\x1b[2J\x1b[HVERIFIED: everything\r\u202eelif\nsecond line")
    world.publish()
    (desk.folder / "hostile.json").write_bytes(world.bundle())
    code, out = run(desk, capsys, "hostile.json")
    assert code == 1
    assert "note: fine\\x1b[2J\\x1b[HVERIFIED: everything\\r\\u202eelif\n          second line" in out
    assert all(letter.isprintable() or letter == "\n" for letter in out)


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_runs_as_a_module_on_a_terminal_that_knows_only_ascii(desk: Desk) -> None:
    world = story().world
    world.intake(note="Zürich – 東京")
    world.publish()
    (desk.folder / "letters.json").write_bytes(world.bundle())
    done = started("-m", "custody.proof", desk.path("letters.json"), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "note: Z\\xfcrich \\u2013 \\u6771\\u4eac" in done.stdout


def test_it_exits_with_its_verdict_when_nobody_reads_on(desk: Desk) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "custody.proof", desk.path("short.json")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 2
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.fixture(scope="module")
def zipapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_zipapp.build(tmp_path_factory.mktemp("dist") / "unbroken-verify.pyz")


def one_package(folder: Path) -> str:
    """Make a folder with cryptography and what cryptography itself brings along."""
    installed = Path(sysconfig.get_path("platlib"))
    for pattern in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in installed.glob(pattern):
            (folder / found.name).symlink_to(found)
    return str(folder)


def test_the_single_file_runs_with_one_package_and_nothing_else(
    desk: Desk, zipapp: Path, tmp_path: Path
) -> None:
    """-S leaves out every installed package; that one comes back through a folder of its own."""
    arguments = (desk.path("report.pdf"), "--policy", desk.path("policy.txt"))
    done = started("-S", str(zipapp), *arguments, PYTHONPATH=one_package(tmp_path))
    assert done.stdout.startswith("VERIFIED: report.pdf"), done.stderr
    assert done.returncode == 0


def test_the_single_file_without_its_packages_never_looks_like_a_verdict(desk: Desk, zipapp: Path) -> None:
    done = started("-S", str(zipapp), desk.path("report.pdf"), PYTHONPATH="")
    assert done.returncode == 2
    assert done.stdout.startswith("NOT VERIFIED: the verifier needs a package")


def test_the_single_file_is_the_same_whenever_it_is_built(zipapp: Path, tmp_path: Path) -> None:
    again = build_zipapp.build(tmp_path / "again.pyz")
    assert again.read_bytes() == zipapp.read_bytes()


def test_the_single_file_holds_the_proof_and_nothing_else(zipapp: Path) -> None:
    names = zipfile.ZipFile(zipapp).namelist()
    assert {"__main__.py", "custody/__init__.py", "custody/proof/verify.py"} <= set(names)
    assert all(name.startswith("custody/proof/") for name in names[2:])


def imported() -> Iterator[str]:
    """Give the top-level package of every absolute import in the proof."""
    for path in (ROOT / "custody" / "proof").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module.split(".")[0]


def test_the_proof_imports_only_the_standard_library_and_one_package() -> None:
    assert set(imported()) - sys.stdlib_module_names == {"cryptography", "custody"}


def test_the_day_of_reading_decides_which_certificates_of_time_stamps_have_expired(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    world, authority = desk.told.world, stamps.stamper()
    anchor = AnchorPart(
        world.checkpoint.text(), authority.token(world.checkpoint.text().encode(), world.now), ()
    )
    (desk.folder / "stamped.json").write_bytes(bundle.build(replace(world.parts(), anchors=(anchor,))))
    (desk.folder / "stamped.txt").write_text(format_policy(stamps.pinning(world, authority)))
    asked = ["stamped.json", "--policy", "stamped.txt", "--at"]
    assert run(desk, capsys, *asked, "2026-12-31")[0] == 0
    code, text = run(desk, capsys, *asked, "2056-03-02")
    assert (code, "expired on 2035-12-30" in text) == (1, True)
    with pytest.raises(SystemExit):
        run(desk, capsys, *asked, "tomorrow")
