"""Every registered identifier, in every spelling and wrapping, is replaced; and the leak check would have seen it.

The corpus is generated from invented people of many countries. The figures are printed (pytest -rP shows them).
"""

from collections import Counter

import pytest

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.leak_check import Scanner, scan_text
from evidence.redaction.mask import mask
from tests.evidence.redaction.insertions import PSEUDONYM, replaced, rows, wrapped_rows
from tests.evidence.redaction.people import PEOPLE, Invented


def _measure(inserted: list[tuple[Invented, str, str, str]]) -> list[str]:
    total: Counter[str] = Counter()
    failed: list[str] = []
    finders = {p.locale: Finder(p.registry(PSEUDONYM)) for p in PEOPLE}
    scanners = {p.locale: Scanner(p.registry(PSEUDONYM)) for p in PEOPLE}
    for person, kind, label, text in inserted:
        total[kind] += 1
        clean, out = replaced(text, finders[person.locale])
        scanner = scanners[person.locale]
        if not clean:
            failed.append(f"missed: {person.locale} {kind} {label}: {text!r} -> {out!r}")
        if scanner.in_text(f"Yesterday {text} was seen.") != [PSEUDONYM]:
            failed.append(f"the leak check does not see: {person.locale} {kind} {label}: {text!r}")
        if scanner.in_text(out):
            failed.append(f"the leak check refuses the copy: {person.locale} {kind} {label}: {out!r}")
    missed = sum(line.startswith("missed") for line in failed)
    for kind, count in sorted(total.items()):
        print(f"{kind:24} {count:6}")
    print(f"recall {1 - missed / len(inserted):.3f} over {len(inserted)} insertions, {len(PEOPLE)} people")
    return failed


def test_every_spelling_of_every_identifier_is_replaced_and_seen_by_the_leak_check() -> None:
    failed = _measure([(person, *row) for person in PEOPLE for row in rows(person)])
    assert not failed, "\n".join(failed[:40])


def test_every_wrapped_identifier_is_replaced_and_seen_by_the_leak_check() -> None:
    failed = _measure([(person, *row) for person in PEOPLE for row in wrapped_rows(person)])
    assert not failed, "\n".join(failed[:40])


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.locale)
def test_a_text_about_nobody_stays_as_it_is(person: Invented) -> None:
    text = "The parcel of 3 May 2021 came from Hamburg, box 12, number 0441-99871; nobody signed for it.\n"
    findings = Findings()
    assert mask(text, Finder(person.registry(PSEUDONYM)), findings, part="text") == text
    assert findings.hits == []
    assert scan_text(text, person.registry(PSEUDONYM)) == []
