"""Every named attack is noticed by both verifiers, in the same step, with a sentence for people."""

from collections.abc import Iterator

import pytest

from custody.proof.findings import FindingCode, Level
from tests.attacks.named import Attack, attacks, telling
from tests.attacks.named.__main__ import PAGE, on_the_page, section
from tests.proof_html.other import CLI, OtherVerifier
from tests.proof_html.questions import agreed, answer_of, question_of

ATTACKS = attacks()
# The other verifier is compared finding by finding once it knows them all; until then it must not accept.
_KNOWN = (CLI.parent / "findings.mjs").read_text("utf-8")
_BEFORE_ANY_FILE = {FindingCode.PASSED, FindingCode.STEP_NOT_RUN}
KNOWS_ALL = all(f'"{code}"' in _KNOWN for code in set(FindingCode) - _BEFORE_ANY_FILE)


@pytest.fixture(scope="module")
def other() -> Iterator[OtherVerifier]:
    with OtherVerifier() as running:
        yield running


def test_there_are_at_least_sixty() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.number for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.sentence for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_is_noticed_by_both_verifiers(attack: Attack, other: OtherVerifier) -> None:
    assert attack.sentence.endswith(".") and attack.who
    attempt = attack.attempt()
    verdict = attempt.verdict()
    assert verdict.outcome is attempt.outcome
    for code in attempt.codes:
        found = telling(verdict, code)
        assert found.level is not Level.OK and found.sentence.endswith((".", "”"))
    theirs = agreed(other.ask(question_of(attempt.data, attempt.question())))
    if KNOWS_ALL:
        assert theirs == answer_of(verdict)
    else:
        assert theirs.get("verdict") in ("not verified", str(attempt.outcome)), theirs


def test_the_threat_model_lists_every_attack_with_what_the_verifier_says() -> None:
    """Written by `python -m tests.attacks.named`."""
    assert on_the_page() == section()


def test_every_attack_belongs_to_a_threat_of_the_model() -> None:
    rows = PAGE.read_text("utf-8")
    assert all(f"| T{attack.threat} |" in rows for attack in ATTACKS)
