"""Change reports in a hundred thousand ways and ask both verifiers: python -m tests.proof_html.fuzz --count N --seed S

Both must give the same verdict on each, and neither may accept anything that was changed: a case passes unverified,
or shows nothing but what the report showed before it was changed. Case number i of seed s is always the same.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from custody.proof.errors import MalformedError
from custody.proof.policy import parse_policy
from custody.proof.verify import Question, verify_report
from tests.proof_html import mutate
from tests.proof_html.other import ROOT, OtherVerifier
from tests.proof_html.questions import agreed, answer_of, question_of

FOLDER = ROOT / "tests" / "vectors" / "report"
# A bundle with everything: witnesses, passkeys, stamps and their renewal, an erased entry (tests/vectors/make_full.py).
FULL = "full"
READ_AT = datetime(2036, 6, 1, tzinfo=UTC)
NOT_VERIFIED = "not verified"


@dataclass(frozen=True)
class Case:
    """A changed report with what is asked about it, and what the report said before."""

    name: str
    kind: str
    data: bytes
    question: Question
    before: dict[str, Any]


class Cases:
    """The frozen reports of tests/vectors, and their changed children."""

    def __init__(self) -> None:
        names = ("report.pdf", "custody-proof.json", "erased.json")
        self._files = {name: (FOLDER / name).read_bytes() for name in names}
        self._files[FULL] = (FOLDER.parent / FULL / "custody-proof.json").read_bytes()
        own = parse_policy((FOLDER / "policy.txt").read_text("utf-8"))
        self._policies = dict.fromkeys(names, own)
        self._policies[FULL] = parse_policy((FOLDER.parent / FULL / "policy.txt").read_text("utf-8"))
        self._before = {
            name: answer_of(verify_report(data, self._question(name))) for name, data in self._files.items()
        }

    def _question(self, name: str, other: bytes | None = None) -> Question:
        return Question(policy=self._policies[name], other=other, at=READ_AT)

    def make(self, seed: int, number: int) -> Case:
        """Make one case; the same seed and number give the same one."""
        chance = random.Random(f"{seed}/{number}")
        name = chance.choice(["report.pdf", "custody-proof.json", "erased.json", FULL])
        kinds = (
            (*mutate.BYTES, mutate.near_the_seal)
            if name == "report.pdf"
            else (*mutate.BYTES, *mutate.JSON * 3)
        )
        change = chance.choice(kinds)
        data = self._files[name]
        for _ in range(chance.choice([1, 1, 1, 2])):
            data = _changed(change, data, chance)
        before = self._before[name]
        asked = chance.random()
        if asked < 0.1:  # without a policy, as a careless reader would
            return Case(name, change.__name__, data, Question(at=READ_AT), before)
        if asked < 0.2 and name != "report.pdf":  # an honest bundle, compared with a changed one
            return Case(name, "other", self._files[name], self._question(name, data), before)
        return Case(name, change.__name__, data, self._question(name), before)

    def is_unchanged(self, case: Case) -> bool:
        """Tell whether the change changed nothing."""
        return case.kind == "other" or case.data == self._files[case.name]


def _changed(change: Any, data: bytes, chance: random.Random) -> bytes:
    try:
        changed: bytes = change(data, chance)
    except (MalformedError, UnicodeEncodeError):  # the change before it left nothing that could be parsed
        changed = mutate.flip(data, chance)
    return changed


def shows_more(answer: dict[str, Any], before: dict[str, Any]) -> bool:
    """Tell whether an accepted report says anything that the honest one did not."""
    known = {event["entry"]: event for event in before["events"]}
    for event in answer["events"]:
        if event["entry"] not in known:
            return True
        told = known[event["entry"]]
        for name, value in event.items():
            if name == "statements":
                if any(told["statements"].get(field) != said for field, said in value.items()):
                    return True
            elif name == "name":
                if value not in ("", told["name"]):
                    return True
            elif name == "window":
                if not _is_wider(value, told["window"]):
                    return True
            elif name != "withheld" and value != told.get(name):
                return True
    return False


def _is_wider(window: dict[str, str], before: dict[str, str]) -> bool:
    """Tell whether these bounds claim no more than those; times are written so that their text ascends."""
    claims = [before.get("not_before", "") >= window["not_before"]] if "not_before" in window else []
    if "not_after" in window:
        claims.append("not_after" in before and before["not_after"] <= window["not_after"])
    return all(claims)


def judge(cases: Cases, case: Case, other: OtherVerifier) -> str | None:
    """Ask both verifiers; return what is wrong, or None."""
    mine = answer_of(verify_report(case.data, case.question))
    theirs = agreed(other.ask(question_of(case.data, case.question)))
    if theirs.get("verdict") != mine["verdict"]:
        return f"verdicts differ: {mine['verdict']} and {theirs.get('verdict', theirs)}"
    if mine["verdict"] == NOT_VERIFIED or cases.is_unchanged(case):
        return None
    # Where stamps or witnesses are, a changed byte may only make one of them count no more.
    if case.kind not in ("restructure", "rewrite_record") and case.name != FULL:
        return "accepted with a changed byte"
    if theirs["events"] != mine["events"]:
        return "the two tell different events"
    return "accepted, and shows more than the honest report" if shows_more(mine, case.before) else None


def run(numbers: Iterator[int] | range, seed: int) -> tuple[Counter[str], list[str]]:
    """Judge these cases; return how many there were of each kind and outcome, and what is wrong."""
    cases, seen, wrong = Cases(), Counter[str](), []
    with OtherVerifier() as other:
        for number in numbers:
            case = cases.make(seed, number)
            fault = judge(cases, case, other)
            seen[case.kind] += 1
            if fault:
                wrong.append(f"seed {seed} case {number} ({case.name}, {case.kind}): {fault}")
    return seen, wrong


def _share(arguments: tuple[int, int, int]) -> tuple[Counter[str], list[str]]:
    start, end, seed = arguments
    return run(range(start, end), seed)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    step = 500
    shares = [(at, min(at + step, options.count), options.seed) for at in range(0, options.count, step)]
    seen, wrong, begin = Counter[str](), [], time.monotonic()
    with multiprocessing.Pool(options.processes) as pool:
        for some, faults in pool.imap_unordered(_share, shares):
            seen += some
            wrong += faults
            for fault in faults:
                print(fault, flush=True)
            print(f"{seen.total()} of {options.count} cases, {len(wrong)} wrong", file=sys.stderr, flush=True)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(seen.items()))
    print(
        f"{seen.total()} cases, seed {options.seed}: {len(wrong)} wrong, {time.monotonic() - begin:.0f} s ({kinds})"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
