"""The two copies of a report, sealed and public, and which statements a public one may open.

A public copy opens closed words, numbers, dates and designations only: what a statement is called does not
decide alone, its value must look like that too. Names stand in statements with other details of the person,
and a statement is opened whole or not at all: so a public copy tells officials apart by role and key.
"""

from __future__ import annotations

import re
from enum import StrEnum

from custody.proof.canonical import JSON


class Variant(StrEnum):
    SEALED = "sealed"
    PUBLIC = "public"


# What stands at the head of every page.
MARKS = {
    Variant.SEALED: "SEALED COPY – for the court and those it admits",
    Variant.PUBLIC: "PUBLIC COPY – names, free text and file hashes withheld",
}
EXPLAINED = {
    Variant.SEALED: (
        "It opens every statement of its records, except those that name a protected person. It names "
        "officials and holds file names and hashes: keep it under seal. A public copy of the same records can be made."
    ),
    Variant.PUBLIC: (
        "It opens designations, outcomes and dates only. Names of officials, free text, file names and hashes of "
        "evidence are withheld; officials are told apart by role and key. The same signed records, in the same "
        "order, stand in the sealed copy, and whoever holds both can check that."
    ),
}

# A designation is numbered and holds no word: EX-12, 2026-0417, HP/2026/1187, 1A.
_DESIGNATION = re.compile(r"(?=[^0-9]*[0-9])(?!.*[A-Za-z]{5})[A-Za-z0-9][A-Za-z0-9 ./#_-]{0,39}")
_WORD = re.compile(r"[a-z][a-z_]{0,31}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2}|))?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PUBLIC = {
    "number": _DESIGNATION,
    "exhibit": _DESIGNATION,
    "act": _WORD,
    "categories": _WORD,
    "decision": _WORD,
    "kind": _WORD,
    "leak_check": _WORD,
    "outcome": _WORD,
    "variant": _WORD,
    "valid_from": _MOMENT,
    "valid_until": _MOMENT,
    "report": _UUID,
    "derivative": _UUID,
}


def may_be_public(field: str, value: JSON) -> bool:
    """Tell whether a public copy may open this statement."""
    form = _PUBLIC.get(field)
    values = value if isinstance(value, list) else [value]
    return form is not None and all(isinstance(each, str) and form.fullmatch(each) for each in values)
