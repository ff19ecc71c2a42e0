"""Every registered identifier, in every spelling and wrapping, is replaced; and the leak check would have seen it.

The corpus is generated from invented people of many countries. The figures are printed (pytest -rP shows them).
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.leak_check import Scanner, scan_text
from evidence.redaction.mask import mask
from evidence.redaction.registry import Kind
from tests.evidence.redaction.people import PEOPLE, Invented
from tests.evidence.redaction.writing import parts_of_names, wrapped, written

PSEUDONYM = "Victim 7"
# What a wrapping leaves of itself: tags, colours, signs that were escaped, the frame of a file name.
_FRAME = re.compile(
    r"Victim 7|IMG|_99|</?[abi]\b[^>]*>|\x1b\[[0-9]*m?|\bq=|%(?:25)?[24][0-9a-fA-F]|&#(?:x?[0-9]{2}|x2.);"
    r"|=[24][0-9A-F]|\\u00(?:40|2.)|\\x(?:40|2.)|\\u\{(?:40|2.)\}"
)


def _rows(person: Invented) -> Iterator[tuple[str, str, str]]:
    for kind in Kind:
        for label, text in written(person, kind):
            yield str(kind), label, text
    for value in filter(None, (person.name, person.other_script)):
        for label, text in parts_of_names(value):
            yield "part of a name", label, text


def _wrapped_rows(person: Invented) -> Iterator[tuple[str, str, str]]:
    for kind in Kind:
        value = getattr(person, kind.value)
        if value:
            for label, text in wrapped(value):
                yield f"wrapped {kind}", label, text


def _replaced(text: str, finder: Finder) -> tuple[bool, str]:
    """Whether the whole insertion is gone and nothing around it."""
    out = mask(f"Yesterday {text} was seen.", finder, Findings(), part="text")
    middle = re.fullmatch(r"Yesterday(.*)was seen\.", out, re.DOTALL)
    clean = (
        middle is not None and PSEUDONYM in middle[1] and not re.search(r"[^\W_]", _FRAME.sub("", middle[1]))
    )
    return clean, out


def _measure(rows: list[tuple[Invented, str, str, str]]) -> list[str]:
    total: Counter[str] = Counter()
    failed: list[str] = []
    finders = {p.locale: Finder(p.registry(PSEUDONYM)) for p in PEOPLE}
    scanners = {p.locale: Scanner(p.registry(PSEUDONYM)) for p in PEOPLE}
    for person, kind, label, text in rows:
        total[kind] += 1
        clean, out = _replaced(text, finders[person.locale])
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
    print(f"recall {1 - missed / len(rows):.3f} over {len(rows)} insertions, {len(PEOPLE)} people")
    return failed


def test_every_spelling_of_every_identifier_is_replaced_and_seen_by_the_leak_check() -> None:
    failed = _measure([(person, *row) for person in PEOPLE for row in _rows(person)])
    assert not failed, "\n".join(failed[:40])


def test_every_wrapped_identifier_is_replaced_and_seen_by_the_leak_check() -> None:
    failed = _measure([(person, *row) for person in PEOPLE for row in _wrapped_rows(person)])
    assert not failed, "\n".join(failed[:40])


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.locale)
def test_a_text_about_nobody_stays_as_it_is(person: Invented) -> None:
    text = "The parcel of 3 May 2021 came from Hamburg, box 12, number 0441-99871; nobody signed for it.\n"
    findings = Findings()
    assert mask(text, Finder(person.registry(PSEUDONYM)), findings, part="text") == text
    assert findings.hits == []
    assert scan_text(text, person.registry(PSEUDONYM)) == []
