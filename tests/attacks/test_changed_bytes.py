"""Any byte of a sealed report or of a bundle is changed: the verdict must fail and name the step."""

import random
from dataclasses import replace

import pytest

from custody.proof.findings import STEPS, Level
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verdict_text import lines
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.world import story

STORY = story()
BUNDLE = STORY.world.bundle(STORY.item)
AUTHORITY = sealed.root()
REPORT = sealed.seal(sealed.report(BUNDLE), AUTHORITY.issue("Seal"))
POLICY = replace(STORY.world.policy, seals=(AUTHORITY.pin,))
ROUNDS = 200


def check(verdict: Verdict, what: object) -> None:
    """Not verified, and the first lines name a step that failed."""
    assert verdict.outcome is Outcome.NOT_VERIFIED, what
    failed = {finding.step for finding in verdict.findings if finding.level is Level.FAILURE}
    first, second, *_ = lines(verdict, "report.pdf")
    assert first == "NOT VERIFIED: report.pdf"
    assert all(f"step {step} ({STEPS[step]})" in second for step in failed), what


def changed(data: bytes, chance: random.Random) -> tuple[int, bytes]:
    place = chance.randrange(len(data))
    byte = chance.choice([data[place] ^ (1 << chance.randrange(8)), data[place] ^ chance.randrange(1, 256)])
    return place, data[:place] + bytes([byte]) + data[place + 1 :]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pinned", [True, False], ids=["with a policy", "without"])
def test_no_byte_of_a_sealed_report_can_be_changed(pinned: bool) -> None:
    chance = random.Random(20260302)
    for _ in range(ROUNDS):
        place, report = changed(REPORT, chance)
        check(verify_report(report, Question(policy=POLICY if pinned else None)), place)


@pytest.mark.filterwarnings("ignore")
def test_no_byte_around_the_seal_can_be_changed() -> None:
    """The seal's own dictionary and the first bytes of its message: where a change would do most."""
    start = REPORT.rindex(b"/ByteRange") - 80
    for place in range(start, start + 260, 3):
        report = REPORT[:place] + bytes([REPORT[place] ^ 0x20]) + REPORT[place + 1 :]
        check(verify_report(report, Question(policy=POLICY)), place)


def test_no_byte_of_a_bundle_can_be_changed() -> None:
    chance = random.Random(20260303)
    for _ in range(ROUNDS):
        place, data = changed(BUNDLE, chance)
        check(verify_report(data, Question(policy=STORY.world.policy)), place)


def test_no_letter_of_a_bundle_can_be_replaced_by_another_letter_of_its_kind() -> None:
    """Changes that stay base64 reach the proofs and signatures, not only the reader of JSON."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    chance = random.Random(20260304)
    places = [place for place, byte in enumerate(BUNDLE) if byte in letters]
    for place in chance.sample(places, ROUNDS):
        byte = chance.choice([letter for letter in letters if letter != BUNDLE[place]])
        data = BUNDLE[:place] + bytes([byte]) + BUNDLE[place + 1 :]
        check(verify_report(data, Question(policy=STORY.world.policy)), place)


def test_no_part_of_a_report_can_be_cut_out_or_doubled() -> None:
    chance = random.Random(20260305)
    for _ in range(40):
        start = chance.randrange(len(REPORT))
        end = min(len(REPORT), start + chance.randrange(1, 2000))
        for report in (REPORT[:start] + REPORT[end:], REPORT[:end] + REPORT[start:]):
            check(verify_report(report, Question(policy=POLICY)), (start, end))
