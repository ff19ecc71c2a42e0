"""Reports changed at random get the same verdict from both verifiers, and none is accepted (make fuzz-verifiers)."""

from tests.proof_html.fuzz import run

COUNT = 1_200
SEED = 20260302


def test_twelve_hundred_changed_reports() -> None:
    seen, wrong = run(range(COUNT), SEED)
    assert not wrong, wrong[:10]
    assert min(seen.values()) > 50, seen
