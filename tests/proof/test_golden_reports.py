"""Reports of the first version: they verify for ever. If one fails, all reports in court files broke.

The files in tests/vectors/report were made once, by tests/vectors/make_report.py, and never again.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custody.proof.findings import FindingCode, Level
from custody.proof.verdict import Outcome
from custody.proof.verify_file import verify_file

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "report"


@pytest.mark.parametrize("name", ["report.pdf", "custody-proof.json"])
def test_a_report_of_the_first_version_is_verified(name: str) -> None:
    verdict = verify_file(FOLDER / name, policy=FOLDER / "policy.txt", other=FOLDER / "erased.json")
    assert verdict.outcome is Outcome.VERIFIED
    assert len(verdict.events) == 18


def test_a_bundle_with_an_erased_entry_is_verified_with_the_same_remarks() -> None:
    verdict = verify_file(FOLDER / "erased.json", policy=FOLDER / "policy.txt")
    remarks = {finding.code for finding in verdict.findings if finding.level is not Level.OK}
    assert remarks == {FindingCode.ENTRY_WITHHELD, FindingCode.CHAIN_NOT_FOLLOWED}


def test_a_bundle_with_everything_is_verified_with_its_remarks() -> None:
    """Read in 2036: two stamps have been renewed, one entry is erased, witnesses and passkeys have signed."""
    folder = FOLDER.parent / "full"
    at = datetime(2036, 6, 1, tzinfo=UTC)
    verdict = verify_file(folder / "custody-proof.json", policy=folder / "policy.txt", at=at)
    remarks = {finding.code for finding in verdict.findings if finding.level is not Level.OK}
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert remarks == {
        FindingCode.ENTRY_WITHHELD,
        FindingCode.CHAIN_NOT_FOLLOWED,
        FindingCode.ANCHOR_RENEWED,
    }


def test_its_members_are_those_of_the_document() -> None:
    value = json.loads((FOLDER / "custody-proof.json").read_bytes())
    assert set(value) == {"format", "checkpoint", "entries", "map", "seen", "anchors", "openings"}
    assert set(value["entries"][0]) == {"index", "data", "proof"}
    assert set(value["map"][0]) == {"ns", "id", "siblings", "terminal"}
    assert set(value["openings"][0]) == {"index", "field", "salt", "value"}
    withheld = [one for one in json.loads((FOLDER / "erased.json").read_bytes())["entries"] if "leaf" in one]
    assert [set(one) for one in withheld] == [{"index", "leaf", "withheld", "proof"}]
