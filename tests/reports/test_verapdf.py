"""Two strangers' programs look at sealed reports: veraPDF at archive and accessibility, poppler's pdfsig at the seal."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import typst

from custody.proof import seal as proof_seal
from custody.proof.findings import FoundError
from custody.reports import content as c
from custody.reports.render import render
from custody.reports.seal import Seal, make_test_seal
from custody.reports.sealing import sign
from tests.reports import sample
from tests.reports.test_render import hostile_report
from tests.reports.test_seal import overlaid, status

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verapdf.py"
sys.path.insert(0, str(TOOL.parent))
import verapdf  # noqa: E402  # a tool of this project, not a package

needs_verapdf = pytest.mark.skipif(
    bool(verapdf.missing()), reason=f"not run: missing {'; '.join(verapdf.missing())}"
)
needs_pdfsig = pytest.mark.skipif(
    shutil.which("pdfsig") is None, reason="not run: missing pdfsig (Debian: poppler-utils)"
)
NOW = sample.CREATED + timedelta(minutes=5)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return make_test_seal(tmp_path_factory.mktemp("seals") / "seal", "Hafenpolizei", now=sample.CREATED)


def public_report() -> c.ReportContent:
    """A report as the public copy has it: most values withheld."""
    from dataclasses import replace

    whole = sample.case_report(test_seal=False)
    unnamed = c.Person("Official 2", "Forensic examiner", c.WITHHELD, c.WITHHELD)
    items = tuple(
        replace(
            each, description=c.WITHHELD, acquired_by=unnamed, file_name=c.WITHHELD, size=c.WITHHELD,
            digests=(c.Digest("SHA-256", c.WITHHELD),), declared=(), storage=c.WITHHELD, custodian=unnamed,
        )
        for each in whole.items
    )  # fmt: skip
    events = tuple(
        replace(each, actor=unnamed, place=c.WITHHELD, before=(), after=()) for each in whole.events
    )
    return replace(whole, variant=c.Variant.PUBLIC, items=items, events=events, case_title=c.WITHHELD)


REPORTS = {
    "case": sample.case_report,
    "exhibit": sample.item_report,
    "public": public_report,
    "long": lambda: sample.case_report(items=25, events=150, transfers=6),
    "hostile": hostile_report,
}


@pytest.fixture(scope="module")
def sealed(seal: Seal, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each kind of report, sealed, on disk: what a clerk would archive."""
    folder = tmp_path_factory.mktemp("reports")
    for name, content in REPORTS.items():
        revision0 = render(content(), sample.BUNDLE, created=sample.CREATED)
        (folder / f"{name}.pdf").write_bytes(sign(revision0, seal, reason="Custody report", now=NOW))
    return {name: folder / f"{name}.pdf" for name in REPORTS}


@needs_verapdf
def test_every_sealed_report_is_archival_and_accessible_in_one_file(sealed: dict[str, Path]) -> None:
    done = verapdf.check(list(sealed.values()))
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(lines) == len(verapdf.FLAVOURS) * len(sealed) and all(
        line.endswith(": pass") for line in lines
    )


@needs_verapdf
def test_the_check_fails_for_a_file_that_is_neither(tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"
    plain.write_bytes(typst.compile(b"Not archival.", format="pdf"))
    done = verapdf.check([plain])
    assert done.returncode == 1 and done.stdout.count("FAIL") == 2


@needs_verapdf
def test_the_check_fails_where_the_seal_does_not_begin_on_a_new_line(seal: Seal, tmp_path: Path) -> None:
    """Trap 4: without the line end behind revision 0 the sealed file is no PDF/A; so the check does look there."""
    revision0 = render(sample.case_report(), sample.BUNDLE, created=sample.CREATED)
    with pytest.raises(Exception, match="line end"):
        sign(revision0.rstrip(b"\n"), seal, reason="x", now=NOW)
    glued = tmp_path / "glued.pdf"
    sealed = sign(revision0, seal, reason="x", now=NOW)
    glued.write_bytes(sealed[: len(revision0) - 1] + sealed[len(revision0) :])
    done = verapdf.check([glued])
    assert "3a" in done.stdout and done.returncode == 1


@needs_verapdf
def test_the_tool_says_by_its_exit_code_whether_a_report_passes(
    sealed: dict[str, Path], tmp_path: Path
) -> None:
    def run(*files: Path) -> int:
        return subprocess.run([sys.executable, TOOL, *files], capture_output=True).returncode

    assert run(sealed["case"]) == 0
    assert run() == 2
    assert run(tmp_path / "missing.pdf") == 2


def pdfsig(file: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, timeout=60).stdout


@needs_pdfsig
@pytest.mark.parametrize("name", REPORTS)
def test_pdfsig_agrees_with_pyhanko_on_a_sealed_report(
    name: str, sealed: dict[str, Path], seal: Seal
) -> None:
    said = pdfsig(sealed[name])
    assert "Signature is Valid." in said and "Total document signed" in said and "Not total" not in said
    found = status(sealed[name].read_bytes(), seal.authorities[-1])
    assert found.bottom_line and found.coverage.name == "ENTIRE_FILE"


@needs_pdfsig
def test_all_three_refuse_a_changed_byte(sealed: dict[str, Path], seal: Seal, tmp_path: Path) -> None:
    pdf = sealed["case"].read_bytes()
    at = pdf.index(b"/Title") + 5
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(pdf[:at] + b"f" + pdf[at + 1 :])
    assert "Digest Mismatch" in pdfsig(forged)
    assert not status(forged.read_bytes(), seal.authorities[-1]).bottom_line
    with pytest.raises(FoundError):
        proof_seal.check(forged.read_bytes(), [seal.ca_fingerprint()])


@needs_pdfsig
def test_an_overlay_passes_pdfsig_but_neither_pyhanko_nor_our_verifier(
    sealed: dict[str, Path], seal: Seal, tmp_path: Path
) -> None:
    """Trap 2: what most readers show as a valid signature; therefore ours asks for every byte of the file."""
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(overlaid(sealed["case"].read_bytes()))
    said = pdfsig(forged)
    assert "Signature is Valid." in said and "Not total document signed" in said
    assert not status(forged.read_bytes(), seal.authorities[-1]).bottom_line
    with pytest.raises(FoundError):
        proof_seal.check(forged.read_bytes(), [seal.ca_fingerprint()])
