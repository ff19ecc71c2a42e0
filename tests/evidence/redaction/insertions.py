"""What is put into texts to measure recall: every spelling and wrapping of invented people's identifiers.

It is generated from people.py by writing.py, and the same in every run.
"""

import re
from collections.abc import Iterator

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.mask import mask
from evidence.redaction.registry import Kind
from tests.evidence.redaction.people import Invented
from tests.evidence.redaction.writing import parts_of_names, wrapped, written

PSEUDONYM = "Victim 7"
# What a wrapping leaves of itself: tags, colours, signs that were escaped, the frame of a file name.
_FRAME = re.compile(
    r"Victim 7|IMG|_99|</?[abi]\b[^>]*>|\x1b\[[0-9]*m?|\bq=|%(?:25)?[24][0-9a-fA-F]|&#(?:x?[0-9]{2}|x2.);"
    r"|=[24][0-9A-F]|\\u00(?:40|2.)|\\x(?:40|2.)|\\u\{(?:40|2.)\}"
)


def rows(person: Invented) -> Iterator[tuple[str, str, str]]:
    for kind in Kind:
        for label, text in written(person, kind):
            yield str(kind), label, text
    for value in filter(None, (person.name, person.other_script)):
        for label, text in parts_of_names(value):
            yield "part of a name", label, text


def wrapped_rows(person: Invented) -> Iterator[tuple[str, str, str]]:
    for kind in Kind:
        value = getattr(person, kind.value)
        if value:
            for label, text in wrapped(value):
                yield f"wrapped {kind}", label, text


def replaced(text: str, finder: Finder) -> tuple[bool, str]:
    """Whether the whole insertion is gone and nothing around it."""
    out = mask(f"Yesterday {text} was seen.", finder, Findings(), part="text")
    middle = re.fullmatch(r"Yesterday(.*)was seen\.", out, re.DOTALL)
    clean = (
        middle is not None and PSEUDONYM in middle[1] and not re.search(r"[^\W_]", _FRAME.sub("", middle[1]))
    )
    return clean, out
