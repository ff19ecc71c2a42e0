"""Tells an exhibit's chain of custody as events for the page, from the ledger's entries and their openings.

It shows; whether the chain holds is the verifier's question. The gate was asked before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from custody.accounts.models import Person, SigningKey
from custody.accounts.roles import Role
from custody.acts.erase import words_of
from custody.ledger import history, publish
from custody.ledger.history import Told
from custody.ledger.models import Entry
from custody.proof.prefix_map import Namespace
from custody.web.words import CLAIMS, RECORDS, UNTOLD, Words
from evidence.items import Item

# Claims that name a person in a record signed by a machine, the first that is there.
ON_BEHALF = ("by", "recipient")


@dataclass(frozen=True)
class Fact:
    """One opened claim, as a line of text."""

    name: str
    label: str
    value: str

    @property
    def is_digest(self) -> bool:
        return self.name.endswith("sha256") or self.name == "blake3"


@dataclass(frozen=True)
class Event:
    """One record of the chain."""

    index: int
    type: str
    words: Words
    who: str
    signer: Person | None
    keyid: str
    leaf: str
    claimed: datetime
    recorded: datetime
    published: bool
    refs: list[str]
    facts: list[Fact]
    withheld: list[str]
    erasable: list[tuple[str, str]]

    @property
    def told(self) -> list[Fact]:
        """The facts that are shown without a click, in the order of the words."""
        found = {fact.name: fact for fact in self.facts}
        return [found[name] for name in self.words.told if name in found]


def events(item: Item) -> list[Event]:
    """Return the records of this exhibit, oldest first."""
    told = list(history.of_key(Namespace.ITEM, str(item.pk)))
    opened = history.openings(t.index for t in told)
    recorded = dict(Entry.objects.filter(pk__in=[t.index for t in told]).values_list("seq", "recorded"))
    people = _people(t.record.actor for t in told)
    numbers = {t.leaf: f"record {t.index}" for t in told}
    newest = publish.newest()
    size = newest.size if newest else 0
    found = []
    for one in told:
        claims = history.verified_openings(one, opened.get(one.index, {}))
        signer = people.get(one.record.actor)
        found.append(
            Event(
                index=one.index,
                type=str(one.record.type),
                words=RECORDS.get(one.record.type) or Words(str(one.record.type), "dot"),
                who=_who(signer, claims),
                signer=signer,
                keyid=one.record.actor,
                leaf=one.leaf.hex(),
                claimed=one.record.time,
                recorded=recorded[one.index],
                published=one.index < size,
                refs=[numbers.get(ref, ref.hex()) for ref in one.record.refs],
                facts=_facts(claims),
                withheld=_withheld(one, claims),
                erasable=[(name, _label(name)) for name in words_of(one, claims)],
            )
        )
    return found


def _people(keyids: Iterable[str]) -> dict[str, Person]:
    keys = SigningKey.objects.filter(pk__in=set(keyids)).select_related("person")
    return {key.keyid: key.person for key in keys}


def _who(signer: Person | None, claims: dict[str, Any]) -> str:
    """Name whose act it was: a machine records what a person did through it."""
    if signer is not None and signer.role != Role.SERVICE:
        return signer.name
    for name in ON_BEHALF:
        if isinstance(claims.get(name), dict):
            return str(claims[name].get("name", ""))
    return signer.name if signer else ""


def _facts(claims: dict[str, Any]) -> list[Fact]:
    return [Fact(name, _label(name), line(claims[name])) for name in sorted(claims) if name not in UNTOLD]


def _withheld(told: Told, claims: dict[str, Any]) -> list[str]:
    hidden = sorted(set(told.record.claims) - set(claims))
    return [_label(name) for name in hidden]


def _label(name: str) -> str:
    return CLAIMS.get(name, name.replace("_", " ").capitalize())


def line(value: Any) -> str:
    """Write a claim as one line: people by name and post, lists with commas."""
    if isinstance(value, dict):
        if "person" in value and "name" in value:
            return ", ".join(str(value[k]) for k in ("name", "title", "badge", "agency") if value.get(k))
        return "; ".join(f"{str(k).replace('_', ' ')}: {line(v)}" for k, v in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(line(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
