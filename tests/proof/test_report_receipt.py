"""The receipt of a report proves that this very file was issued, and nothing else passes for that."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import __main__ as command
from custody.proof.digests import b64
from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode, Level
from custody.proof.policy import Policy, format_policy
from custody.proof.report_receipt import MAX_RECEIPT, parse, write
from custody.proof.verdict import Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.issued import Issued, issue, receipt_of, reopened
from tests.proof.world import T, World

AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal of the agency")
ISSUED = issue(SIGNER)


def policy(issued: Issued) -> Policy:
    return replace(issued.told.world.policy, seals=(AUTHORITY.pin,))


def judge(issued: Issued, receipt: bytes, pdf: bytes | None = None) -> Verdict:
    return verify_report(pdf or issued.pdf, Question(policy=policy(issued), receipt=receipt))


def codes(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is not Level.OK}


def test_report_and_receipt_together_prove_the_issue() -> None:
    verdict = judge(ISSUED, ISSUED.text)
    assert verdict.exit_code == 0, codes(verdict)
    (said,) = [finding.sentence for finding in verdict.findings if finding.step == 12]
    assert "this very file was issued as the sealed copy" in said


def test_without_a_receipt_nothing_is_said_to_be_proven_by_one() -> None:
    verdict = verify_report(ISSUED.pdf, Question(policy=policy(ISSUED)))
    (said,) = [finding.sentence for finding in verdict.findings if finding.step == 12]
    assert "no receipt was given" in said


def test_the_receipt_of_another_report_does_not_pass() -> None:
    other = issue(SIGNER)
    assert FindingCode.RECEIPT_NOT_USABLE in codes(judge(ISSUED, other.text)), "another log"
    world = ISSUED.told.world
    zeros = "00" * 32
    index = world.record(T.REPORT_ISSUED, world.service, claims={"sha256": zeros, "revision0_sha256": zeros})
    world.publish()
    receipt = write(receipt_of(world, index)).encode()
    assert codes(judge(ISSUED, receipt)) == {FindingCode.RECEIPT_MISMATCH}


def test_a_file_with_a_later_seal_is_the_issued_one_up_to_there_and_no_further() -> None:
    resealed = sealed.seal(ISSUED.revision0, SIGNER)
    assert resealed != ISSUED.pdf
    assert codes(judge(ISSUED, ISSUED.text, resealed)) == {FindingCode.RECEIPT_LATER_BYTES}


@pytest.mark.parametrize("field", ["sha256", "revision0_sha256"])
def test_a_hash_that_was_not_signed_is_refused(field: str) -> None:
    forged = write(reopened(ISSUED.receipt, field, hashlib.sha256(b"forged").hexdigest())).encode()
    assert codes(judge(ISSUED, forged)) == {FindingCode.RECEIPT_NOT_USABLE}


def test_a_receipt_that_opens_no_hash_is_refused() -> None:
    closed = write(replace(ISSUED.receipt, openings=())).encode()
    assert codes(judge(ISSUED, closed)) == {FindingCode.RECEIPT_NOT_USABLE}


def test_a_record_at_another_place_or_in_another_tree_is_refused() -> None:
    for changed in (
        replace(ISSUED.receipt, index=ISSUED.receipt.index - 1),
        replace(ISSUED.receipt, proof=ISSUED.receipt.proof[:-1]),
        replace(ISSUED.receipt, proof=(bytes(32), *ISSUED.receipt.proof[1:])),
        replace(ISSUED.receipt, entry=World().entries[1]),
    ):
        assert codes(judge(ISSUED, write(changed).encode())) == {FindingCode.RECEIPT_NOT_USABLE}


def test_another_record_of_the_log_is_no_issue_of_a_report() -> None:
    world = ISSUED.told.world
    receipt = replace(receipt_of(world, ISSUED.told.offer), openings=())
    assert codes(judge(ISSUED, write(receipt).encode())) == {FindingCode.RECEIPT_NOT_USABLE}


def test_a_person_cannot_issue_a_report_in_the_place_of_the_machine() -> None:
    world = ISSUED.told.world
    claims = {one.field: one.value for one in ISSUED.receipt.openings}
    index = world.record(T.REPORT_ISSUED, world.ana, claims=claims)
    world.publish()
    assert codes(judge(ISSUED, write(receipt_of(world, index)).encode())) == {FindingCode.RECEIPT_NOT_USABLE}


def test_a_key_that_the_report_does_not_show_is_remarked_on() -> None:
    world = ISSUED.told.world
    stranger = type(world.service).make("Another machine", *world.service.roles)
    world.enrol(stranger)
    claims = {one.field: one.value for one in ISSUED.receipt.openings}
    index = world.record(T.REPORT_ISSUED, stranger, claims=claims)
    world.publish()
    verdict = judge(ISSUED, write(receipt_of(world, index)).encode())
    assert codes(verdict) == {FindingCode.RECEIPT_SIGNER_UNKNOWN}


def test_heads_of_the_same_size_and_different_content_are_a_fork() -> None:
    told = ISSUED.told.world.fork(len(ISSUED.told.world.entries))
    size = parse_head(ISSUED.pdf, ISSUED)
    other = told.fork(size - 2)
    claims = {one.field: one.value for one in ISSUED.receipt.openings}
    index = other.record(T.REPORT_ISSUED, other.service, claims=claims)
    other.publish()
    assert other.checkpoint.size == size
    verdict = judge(ISSUED, write(receipt_of(other, index)).encode())
    assert codes(verdict) == {FindingCode.FORK_PROVEN}


def parse_head(pdf: bytes, issued: Issued) -> int:
    """Size of the head in the report."""
    from custody.proof import bundle
    from custody.proof.pdf import embedded_bundle

    return int(bundle.parse(embedded_bundle(pdf)).checkpoint.split("\n")[1])


@given(st.data())
def test_no_changed_character_of_a_receipt_proves_anything(data: st.DataObject) -> None:
    text = ISSUED.text
    at = data.draw(st.integers(0, len(text) - 1))
    changed = bytes([*text[:at], text[at] ^ data.draw(st.integers(1, 255)), *text[at + 1 :]])
    found = judge(ISSUED, changed)
    # A signature line of a key that nobody has pinned is not read; every other character counts.
    assert found.exit_code == 2


@pytest.mark.parametrize(
    "break_it",
    [
        lambda text: "",
        lambda text: text.replace("tlog-proof@v1", "tlog-proof@v2"),
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("extra ")),
        lambda text: text.replace("index ", "index 0"),
        lambda text: text.replace("\nindex ", "\nextra e30=\nindex "),
        lambda text: text.replace("\n\n", "\n" + (b64(bytes(32)) + "\n") * 65 + "\n", 1),
        lambda text: text + "x" * MAX_RECEIPT,
    ],
)
def test_only_the_one_form_is_read(break_it) -> None:
    with pytest.raises(MalformedError):
        parse(break_it(ISSUED.text.decode()))


def test_a_receipt_opens_nothing_but_what_names_nobody() -> None:
    lines = ISSUED.text.decode().split("\n")
    extra = json.loads(base64.b64decode(lines[1].removeprefix("extra ")))
    assert {one["field"] for one in extra["openings"]} == {"report", "variant", "sha256", "revision0_sha256"}
    assert "Pia Prosecutor" not in ISSUED.text.decode() + json.dumps(extra)
    with pytest.raises(MalformedError):
        write(replace(ISSUED.receipt, openings=ISSUED.receipt.openings * 2))


def test_the_command_takes_the_receipt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.pdf").write_bytes(ISSUED.pdf)
    (tmp_path / "report.pdf.tlog-proof").write_bytes(ISSUED.text)
    (tmp_path / "policy.txt").write_text(format_policy(policy(ISSUED)))
    words = [str(tmp_path / "report.pdf"), "--policy", str(tmp_path / "policy.txt"), "--receipt"]
    assert command.main([*words, str(tmp_path / "report.pdf.tlog-proof")]) == 0
    assert "this very file was issued" in capsys.readouterr().out
    assert command.main([*words, str(tmp_path / "missing")]) == 2
