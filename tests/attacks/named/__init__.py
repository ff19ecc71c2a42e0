"""Attacks by name: each file a….py here is one, told in the first line of its docstring, made by its attempt().

An attempt is what the attacker hands over, what a careful reader brings, and what must be found. The tests
(tests/attacks/test_named_attacks.py) put every one to both verifiers. `python -m tests.attacks.named` writes the
list, with the sentence that the verifier says, into docs/threat-model.md.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from custody.proof import bundle
from custody.proof.bundle import BundleParts
from custody.proof.findings import Finding, FindingCode
from custody.proof.policy import Policy
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_report
from custody.proof.verify_log import Scope
from custody.proof.verify_statements import EvidenceFile
from tests.proof.world import World

# A day on which the certificates of the tests are valid.
READ_AT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Attempt:
    """A file with what is asked about it; `codes` must all be found, and `outcome` be the verdict."""

    data: bytes
    codes: Sequence[FindingCode]
    policy: Policy | None
    scope: Scope | None = None
    other: bytes | None = None
    evidence: Sequence[EvidenceFile] = ()
    receipt: bytes | None = None
    outcome: Outcome = Outcome.NOT_VERIFIED

    def question(self) -> Question:
        return Question(
            policy=self.policy,
            scope=self.scope,
            evidence=self.evidence,
            other=self.other,
            receipt=self.receipt,
            at=READ_AT,
        )

    def verdict(self) -> Verdict:
        return verify_report(self.data, self.question())


@dataclass(frozen=True)
class Attack:
    """One file: its name, what happens in one sentence, the row of the threat model, who does it."""

    name: str
    sentence: str
    threat: int
    who: str
    attempt: Callable[[], Attempt]

    @property
    def number(self) -> int:
        return int(self.name.partition("_")[0].removeprefix("a"))


def show(
    world: World,
    *codes: FindingCode,
    parts: BundleParts | None = None,
    policy: Policy | None = None,
    **asked: object,
) -> Attempt:
    """Hand over these parts, or all about the case, to a reader who has pinned the true log."""
    data = bundle.build(parts or world.parts())
    return Attempt(data, codes, policy or world.policy, **asked)  # type: ignore[arg-type]


def published(world: World, *codes: FindingCode) -> Attempt:
    """Let the log sign what has happened, as if it were right, and hand it over."""
    world.publish()
    return show(world, *codes)


@cache
def attacks() -> tuple[Attack, ...]:
    """Give every attack, by number."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("a"):
            loaded = importlib.import_module(f"{__name__}.{module.name}")
            sentence = (loaded.__doc__ or "").partition("\n")[0]
            found.append(Attack(module.name, sentence, loaded.THREAT, loaded.WHO, loaded.attempt))
    return tuple(sorted(found, key=lambda attack: attack.number))


def telling(verdict: Verdict, code: FindingCode) -> Finding:
    """Give the first finding of this code."""
    return next(finding for finding in verdict.findings if finding.code is code)
