"""Measures redaction: recall by kind of identifier, false alarms on clean text, and speed as a ratio.

    make bench-redaction                 make bench-redaction SEED=7

The people are invented and the spellings generated (tests/evidence/redaction); the clean text is drawn by SEED (1).
"""

from __future__ import annotations

import random
import time
from collections import Counter

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.leak_check import Scanner
from evidence.redaction.mask import mask
from evidence.redaction.redact import redact
from tests.bench import figures
from tests.evidence.redaction.insertions import PSEUDONYM, replaced, rows, wrapped_rows
from tests.evidence.redaction.people import PEOPLE, five_victims
from tests.evidence.redaction.test_speed import MAX_RATIO, WORDS, ordinary_text, plain_search

SEED = figures.size("SEED", 1)
CLEAN_CHARACTERS = 100_000


def recall() -> None:
    """Replace every spelling and wrapping, and let the leak check look for it: before and after."""
    there: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    unseen = refused = 0
    for person in PEOPLE:
        registry = person.registry(PSEUDONYM)
        finder, scanner = Finder(registry), Scanner(registry)
        for kind, _, text in (*rows(person), *wrapped_rows(person)):
            clean, out = replaced(text, finder)
            there[kind] += 1
            missed[kind] += not clean
            unseen += scanner.in_text(f"Yesterday {text} was seen.") != [PSEUDONYM]
            refused += bool(scanner.in_text(out))
    for kind, number in sorted(there.items()):
        figures.note(f"recall_{kind.replace(' ', '_')}", f"{1 - missed[kind] / number:.4f} of {number}")
    total = sum(there.values())
    figures.at_least("redaction_recall", 1 - sum(missed.values()) / total, 0.995)
    figures.at_least("leak_check_recall", 1 - unseen / total, 0.995)
    figures.at_most("leaks_after_redaction", refused, 0)
    figures.note("people", len(PEOPLE))


def precision() -> None:
    """Redact a text about nobody, once for the identifiers of each person."""
    draw, words = random.Random(SEED), list(WORDS)
    lines, length = [], 0
    while length < CLEAN_CHARACTERS:
        lines.append(" ".join(draw.choices(words, k=12)))
        length += len(lines[-1]) + 1
    text, hits, alarms = "\n".join(lines), 0, 0
    for person in PEOPLE:
        registry, findings = person.registry(PSEUDONYM), Findings()
        mask(text, Finder(registry), findings, part="text")
        hits += len(findings.hits)
        alarms += bool(Scanner(registry).in_text(text))
    figures.at_most("false_alarms_per_1000_characters", 1e3 * hits / (len(text) * len(PEOPLE)), 1)
    figures.at_most("clean_texts_refused", alarms, 0)


def speed() -> None:
    """A megabyte with five registered people, against a plain search for the same words."""
    data, registry = ordinary_text(1_000_000), five_victims()
    text, ratios, took = data.decode(), [], []
    for _ in range(5):
        started = time.process_time()
        plain_search(text, registry)
        searched = time.process_time()
        redact(data, "text/plain", registry)
        took.append(time.process_time() - searched)
        ratios.append(took[-1] / (searched - started))
    figures.at_most("redaction_over_plain_search", figures.percentile(ratios, 0.5), MAX_RATIO)
    figures.note("redaction_mb_per_s", 1 / figures.percentile(took, 0.5))


def main() -> None:
    """Print all of it."""
    figures.load()
    figures.note("seed", SEED)
    recall()
    precision()
    speed()
    figures.load()


if __name__ == "__main__":
    main()
