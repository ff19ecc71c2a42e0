"""Real files of every kind become exhibits of a case whose report verifies; the report does not bear a changed bit.

One-bit changes in the vault and in the ledger's tables are in tests/commands, with a database that may be broken.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from custody.client.cast import Cast
from custody.proof import bundle, canonical, envelope
from custody.proof.bundle import BundleParts, EntryPart
from custody.proof.canonical import JSON
from custody.proof.digests import b64, unb64
from custody.proof.findings import STEPS, FindingCode, Level
from custody.proof.pdf import embedded_bundle
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.records import RECORD_PAYLOAD_TYPE
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_bundle, verify_report
from custody.proof.verify_file import verify_file
from custody.proof.verify_log import Scope
from tests.journeys.brought import BROKEN, CHOSEN, bring
from tests.journeys.system import DEMONSTRATION, System

NUMBER = "DEMO-2026-002"
FLIPS = 50
SEED = 20260417


def test_every_real_file_is_taken_in_or_named_and_the_report_is_verified(
    system: System, people: Cast, tmp_path: Path
) -> None:
    assert sum(len(group.split()) for group in CHOSEN.values()) >= 60
    assert len(CHOSEN[BROKEN].split()) >= 10
    brought = bring(tmp_path)
    address = f"http://{system.web}/"
    played = system.manage("demo_case", "--address", address, "--files", str(brought.folder), seconds=1500)
    assert played.returncode == 0, played.stdout + played.stderr

    # 1. What could not be taken in is named, with the reason, and nothing else is.
    taken, failed = len(brought.digests), len(brought.obstacles)
    assert f"Files: {taken} taken in, 0 already taken in, {failed} failed." in played.stdout
    for name, reason in brought.obstacles.items():
        assert any(name in line and reason in line for line in played.stdout.splitlines()), played.stdout

    # 2. The exhibits are those files, byte for byte, and each was examined.
    session = people.session("examiner")
    case = next(str(row["uuid"]) for row in session.server.list("cases/") if row["number"] == NUMBER)
    items = session.server.list(f"cases/{case}/items/")
    assert sorted(str(item["sha256"]) for item in items) == sorted(brought.digests.values())
    unexamined = [
        item["exhibit_number"] for item in items if not session.server.list(f"items/{item['uuid']}/metadata/")
    ]
    assert unexamined == []

    # 3. A reader verifies the report of the case, and that it is about all of them.
    [report] = system.data.reports.glob(f"{NUMBER}-*.pdf")
    verdict = verify_file(report, policy=system.policy, scope=Scope(Namespace.CASE, UUID(case)))
    assert verdict.outcome is Outcome.VERIFIED, [
        f.sentence for f in verdict.findings if f.level is not Level.OK
    ]
    spoken_of = {subject.item for event in verdict.events for subject in getattr(event, "subjects", ())}
    assert spoken_of == {UUID(str(item["uuid"])) for item in items}


@pytest.fixture(scope="module")
def report(system: System) -> bytes:
    [found] = system.data.reports.glob(f"{DEMONSTRATION}-*.pdf")
    return found.read_bytes()


@pytest.fixture(scope="module")
def question(system: System, report: bytes) -> Question:
    asked = Question(policy=parse_policy(system.policy.read_text(encoding="utf-8")))
    untouched = verify_report(report, asked)
    assert not failures(untouched), failures(untouched)
    return asked


def failures(verdict: Verdict) -> list[tuple[str, str, int | None]]:
    """What failed: the name of the step, the code, the entry."""
    return [
        (STEPS[finding.step], str(finding.code), finding.index)
        for finding in verdict.findings
        if finding.level is Level.FAILURE
    ]


def test_any_changed_bit_of_the_report_is_found_and_the_step_named(report: bytes, question: Question) -> None:
    chance = random.Random(SEED)
    for number in range(FLIPS):
        bit = chance.randrange(len(report) * 8)
        where = f"flip {number} of seed {SEED}: bit {bit} of {len(report)} bytes"
        verdict = verify_report(_flipped(report, bit), question)
        assert verdict.outcome is Outcome.NOT_VERIFIED, where
        assert failures(verdict), where
        assert failures(verdict)[0][0] == STEPS[0], (where, failures(verdict))


def test_any_changed_bit_of_the_proof_alone_is_found_and_the_step_named(
    report: bytes, question: Question
) -> None:
    """Without the pages and their seal: what the proof itself bears. A changed text may still be a bundle."""
    proof = embedded_bundle(report)
    chance = random.Random(SEED + 1)
    steps = set()
    for number in range(FLIPS):
        bit = chance.randrange(len(proof) * 8)
        where = f"flip {number} of seed {SEED + 1}: bit {bit} of {len(proof)} bytes"
        verdict = verify_bundle(_flipped(proof, bit), policy=question.policy)
        assert verdict.outcome is Outcome.NOT_VERIFIED, where
        assert failures(verdict), where
        steps |= {step for step, _, _ in failures(verdict)}
    assert steps - {STEPS[1]}, "every change ended in the strict reading; no proof was put to work"


def test_any_changed_bit_of_any_signature_is_found_at_its_entry(report: bytes, question: Question) -> None:
    parts = bundle.parse(embedded_bundle(report))
    signed = [part for part in parts.entries if isinstance(part, EntryPart)]
    records = [
        part for part in signed if envelope.parse_entry(part.entry).payload_type == RECORD_PAYLOAD_TYPE
    ]
    chance = random.Random(SEED + 2)
    for number in range(FLIPS):
        part = chance.choice(records)
        changed, bit = _other_signature(part, chance)
        where = f"flip {number} of seed {SEED + 2}: bit {bit} of a signature of entry {part.index}"
        verdict = verify_bundle(bundle.build(_with(parts, changed)), policy=question.policy)
        assert verdict.outcome is Outcome.NOT_VERIFIED, where
        found = {(code, index) for _, code, index in failures(verdict)}
        # The entry is no longer the one that the tree holds, and nobody signed it so.
        assert (str(FindingCode.ENTRY_NOT_INCLUDED), part.index) in found, (where, found)
        assert (str(FindingCode.SIGNATURE_INVALID), part.index) in found, (where, found)


def _flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _other_signature(part: EntryPart, chance: random.Random) -> tuple[EntryPart, int]:
    """Change one bit of one signature and leave the entry well-formed."""
    read = canonical.loads(part.entry)
    assert isinstance(read, dict)
    signatures = read["signatures"]
    assert isinstance(signatures, list)
    one: JSON = chance.choice(signatures)
    assert isinstance(one, dict)
    value = unb64(str(one["sig"]))
    bit = chance.randrange(len(value) * 8)
    one["sig"] = b64(_flipped(value, bit))
    return replace(part, entry=canonical.dumps(read)), bit


def _with(parts: BundleParts, changed: EntryPart) -> BundleParts:
    entries = tuple(changed if part.index == changed.index else part for part in parts.entries)
    return replace(parts, entries=entries)
