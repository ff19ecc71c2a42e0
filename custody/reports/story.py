"""Reads a verified bundle back as what happened: records with their opened claims, and who signed them.

Only the bundle is read, so a report says nothing that its reader cannot check. Whether the bundle is
right is `custody.proof.verify`'s question, asked before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from custody.proof import bundle, digests, envelope, records
from custody.proof.records import EnrolledKey, Record, RecordType
from custody.reports.content import NOT_RECORDED, WITHHELD, Absent, Person, Signature, Value, moment

ROLE_WORDS = {
    "examiner": "Forensic examiner",
    "evidence_officer": "Evidence officer",
    "supervisor": "Supervisor",
    "prosecutor": "Prosecutor",
    "advocate": "Victim advocate",
    "auditor": "Auditor",
    "administrator": "Administrator",
    "partner": "Partner agency or defence",
    "service": "Machine of the agency",
}


@dataclass(frozen=True)
class Told:
    """One record of the bundle with the claims that are opened."""

    index: int
    leaf: bytes
    record: Record
    opened: dict[str, Any]

    def value(self, name: str) -> Any:
        """Return an opened claim; WITHHELD when it is not opened, NOT_RECORDED when it was not made."""
        if name in self.opened:
            return self.opened[name]
        return WITHHELD if name in self.record.claims else NOT_RECORDED

    def text(self, name: str) -> Value:
        """Return a claim as text."""
        value = self.value(name)
        return value if isinstance(value, Absent) else str(value)

    def person(self, name: str) -> Person:
        """Return a claim that identifies an official."""
        return official(self.value(name))


def official(value: Any) -> Person:
    """Turn an identity claim into a person of the report."""
    if isinstance(value, Absent):
        return Person(name=value, role=value, agency=value, identity=value)
    role = ROLE_WORDS.get(str(value.get("role", "")), NOT_RECORDED)
    title = value.get("title")
    return Person(
        name=value.get("name") or NOT_RECORDED,
        role=f"{title} ({role})" if title and isinstance(role, str) else role,
        agency=value.get("agency") or NOT_RECORDED,
        identity=value.get("badge") or NOT_RECORDED,
    )


class Story:
    """All records of a bundle in the order of the log."""

    def __init__(self, parts: bundle.BundleParts) -> None:
        opened: dict[int, dict[str, Any]] = {}
        for part in parts.openings:
            opened.setdefault(part.index, {})[part.opening.field] = part.opening.value
        self.told = [t for part in parts.entries if (t := _told(part, opened)) is not None]
        self.by_leaf = {t.leaf: t for t in self.told}
        self._by_item: dict[uuid.UUID, list[Told]] = {}
        self._answers: dict[bytes, list[Told]] = {}
        for told in self.told:
            for ref in told.record.refs:
                self._answers.setdefault(ref, []).append(told)
            for subject in told.record.subjects:
                self._by_item.setdefault(subject.item, []).append(told)
        self._keys: dict[str, tuple[EnrolledKey, Told]] = {
            key.keyid: (key, t) for t in self.told for key in t.record.enrols()
        }
        self._officials = list(dict.fromkeys(key.person for key, _ in self._keys.values()))
        self.erased = tuple(
            (part.index, part.order) for part in parts.entries if isinstance(part, bundle.WithheldPart)
        )

    def of(self, *types: RecordType) -> list[Told]:
        """Return the records of these types."""
        return [t for t in self.told if t.record.type in types]

    def about_item(self, item: uuid.UUID) -> list[Told]:
        """Return the records about one item."""
        return self._by_item.get(item, [])

    def items(self) -> list[uuid.UUID]:
        """Return the items, in the order of their first record."""
        return list(self._by_item)

    def answers(self, told: Told) -> list[Told]:
        """Return the records that answer one, in the order of the log."""
        return self._answers.get(told.leaf, [])

    def actor(self, told: Told) -> Person:
        """Return who holds the key that signed, as its enrolment says."""
        found = self._keys.get(told.record.actor)
        return self.holder(*found) if found else Person()

    def holder(self, key: EnrolledKey, enrolment: Told) -> Person:
        """Return whose key it is. Where the name is withheld, a number and the signed role tell people apart."""
        person = enrolment.person("holder")
        if person.name is not WITHHELD:
            return person
        number = self._officials.index(key.person) + 1
        role = ", ".join(ROLE_WORDS[role] for role in sorted(key.roles))
        return replace(person, name=f"Official {number}", role=role)

    def person_of(self, told: Told) -> uuid.UUID | None:
        """Return the person whose key signed; None if its enrolment is not here."""
        found = self._keys.get(told.record.actor)
        return found[0].person if found else None

    def enrolled(self) -> list[tuple[EnrolledKey, Told]]:
        """Return every enrolled key with its enrolment."""
        return list(self._keys.values())

    def signature(self, told: Told | None) -> Signature | Absent:
        """Return the signature block of one record."""
        if told is None:
            return NOT_RECORDED
        return Signature(
            person=self.actor(told),
            key=told.record.actor,
            record=told.index,
            leaf=told.leaf.hex(),
            claimed=moment(told.record.time),
        )


def _told(part: bundle.EntryPart | bundle.WithheldPart, opened: dict[int, dict[str, Any]]) -> Told | None:
    if isinstance(part, bundle.WithheldPart):
        return None
    parsed = envelope.parse_entry(part.entry)
    if parsed.payload_type != records.RECORD_PAYLOAD_TYPE:
        return None
    return Told(
        part.index, digests.leaf_hash(part.entry), records.parse(parsed.payload), opened.get(part.index, {})
    )
