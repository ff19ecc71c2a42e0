"""The fixed cast of the tests: everybody with an account, an enrolled key, and a way to act as a person would.

`stranger` is an examiner of no case and another unit: every access test includes them, and nobody at all.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from custody.accounts.models import KeyState, Person
from custody.accounts.models import SigningKey as KeyRow
from custody.accounts.roles import Role
from custody.acts import receive, registry, upload_bytes, victims
from custody.drafts import Draft
from custody.jobs import Job, JobKind, JobState
from custody.ledger import genesis, keys
from custody.ledger.append import append
from custody.ledger.keys import log_origin
from custody.ledger.publish import newest_seen
from custody.proof import envelope, records
from custody.proof.records import EnrolledKey, KeyKind, RecordType
from custody.proof.signatures import SigningKey
from evidence.cases import Case, DataCategory, LegalAuthority
from evidence.items import Item
from evidence.uploads import Upload

UNIT, PASSWORD = "Trafficking unit", "correct horse battery staple"
ROLES = {
    "admin": Role.ADMINISTRATOR,
    "supervisor": Role.SUPERVISOR,
    "supervisor2": Role.SUPERVISOR,
    "examiner": Role.EXAMINER,
    "examiner2": Role.EXAMINER,
    "officer": Role.EVIDENCE_OFFICER,
    "prosecutor": Role.PROSECUTOR,
    "advocate": Role.ADVOCATE,
    "auditor": Role.AUDITOR,
    "partner": Role.PARTNER,
    "stranger": Role.EXAMINER,
}
ASSIGNED = ("examiner", "examiner2", "officer", "prosecutor", "advocate")


@cache
def _key(name: str) -> SigningKey:
    """Return the person's key, the same in every test process: the template database has it enrolled."""
    scalar = int.from_bytes(hashlib.sha256(f"a key of the tests: {name}".encode()).digest(), "big") >> 1
    return SigningKey(ec.derive_private_key(scalar, ec.SECP256R1()))


@dataclass
class Cast:
    """The people of one test, with the clock they share."""

    people: dict[str, Person] = field(default_factory=dict)
    clock: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def key(self, name: str) -> SigningKey:
        return _key(name)

    def now(self) -> datetime:
        """Return the present; every call is a second later, so that order and time agree."""
        self.clock += timedelta(seconds=1)
        return self.clock

    def prepare(self, name: str, act: str, **params: Any) -> Draft:
        return registry.prepare(self.people[name], _key(name).keyid, act, params, self.now())

    def sign(self, name: str, draft: Draft) -> dict[str, Any]:
        signed = envelope.pae(records.RECORD_PAYLOAD_TYPE, bytes(draft.payload))
        key = _key(name)
        signature = envelope.Signature(key.keyid, key.sign(signed))
        _, result = registry.sign(self.people[name], draft.pk, signature, self.now())
        return result

    def act(self, name: str, act: str, **params: Any) -> dict[str, Any]:
        """Prepare and sign one act as this person."""
        return self.sign(name, self.prepare(name, act, **params))

    # ---- the usual beginnings ----

    def open_case(
        self, number: str = "2026-0417", by: str = "supervisor", assigned: tuple[str, ...] = ASSIGNED
    ) -> Case:
        case_id = self.act(
            by, "case.open", number=number, title="Night bus", offence="Trafficking in persons"
        )["case"]
        for name in assigned:
            self.act(by, "case.assign", case=case_id, person=str(self.people[name].uuid))
        return Case.objects.get(pk=case_id)

    def add_authority(self, case: Case, **changed: Any) -> LegalAuthority:
        params = {
            "case": str(case.pk),
            "kind": "search_warrant",
            "issuer": "District Court",
            "reference": "W-881",
            "scope": "Devices found at the flat",
            "categories": list(DataCategory.values),
            "valid_from": (self.clock - timedelta(days=10)).isoformat(),
            "valid_until": (self.clock + timedelta(days=30)).isoformat(),
        } | changed
        return LegalAuthority.objects.get(pk=self.act("supervisor", "authority.add", **params)["authority"])

    def sheet(self, authority: LegalAuthority, data: bytes, **changed: Any) -> dict[str, Any]:
        """Return a complete exhibit form."""
        return {
            "case": str(authority.case_id),
            "authority": str(authority.pk),
            "category": "documents",
            "item_class": "general",
            "exhibit_number": f"EX-{uuid.uuid4().hex[:6]}",
            "description": "Notebook page, photographed",
            "quantity": 1,
            "source": {"make": "Nokia", "model": "8.3", "serial": "N-1"},
            "acquired_by": "Tomás Rey",
            "acquired_at": (self.clock - timedelta(days=1)).isoformat(),
            "acquired_where": "Harbour Street 4",
            "method": "Logical copy",
            "tool": "cp",
            "tool_version": "9.1",
            "write_blocker": "none: files handed over",
            "seal_number": "S-100",
            "seal_condition": "intact",
            "location": "Store A, shelf 3",
            "filename": "note.txt",
            "size": len(data),
        } | changed

    def upload(self, authority: LegalAuthority, data: bytes, by: str = "examiner", **changed: Any) -> Upload:
        """Hand in the form and send the bytes; the check has not run yet."""
        upload = receive.create_upload(self.people[by], self.sheet(authority, data, **changed), self.now())
        return upload_bytes.take(upload.pk, 0, len(data), io.BytesIO(data).read, self.now())

    def take_in(
        self, authority: LegalAuthority, data: bytes = b"hello\n", by: str = "examiner", **changed: Any
    ) -> Item:
        """Upload, check and sign one exhibit."""
        upload = self.upload(authority, data, by, **changed)
        self.work(JobKind.RECEIVE)
        return Item.objects.get(pk=self.act(by, "item.intake", upload=str(upload.pk))["item"])

    def register_victim(self, case: Case, *identifiers: tuple[str, str]) -> Any:
        rows = [{"kind": kind, "value": value} for kind, value in identifiers]
        return victims.register(self.examiner, {"case": str(case.pk), "identifiers": rows}, self.now())

    def hand_over(self, item: Item, giver: str = "examiner", taker: str = "officer") -> str:
        """Offer an item and run the re-reading that the taker needs; return the transfer's id."""
        transfer = self.act(
            giver,
            "transfer.offer",
            item=str(item.pk),
            taker=str(self.people[taker].uuid),
            purpose="Storage",
            place="Store A",
            seal_number="S-100",
            seal_condition="intact",
        )["transfer"]
        self.work(JobKind.FIXITY)
        return transfer

    def work(self, *kinds: JobKind) -> None:
        """Do the waiting jobs as a worker would, in this process."""
        from workers.tasks import run_job

        for job_id in Job.objects.filter(kind__in=kinds, state=JobState.WAITING).values_list("pk", flat=True):
            run_job(str(job_id))


def assemble_cast() -> Cast:
    """Return the cast as the template database has it."""
    cast = Cast({name: Person.objects.get(username=name) for name in ROLES})
    keys.forget()
    return cast


@transaction.atomic
def establish() -> None:
    """Open the log with the whole cast enrolled; done once, in the template that every test's database copies."""
    _ensure_files()
    cast = Cast({name: _person(name, role) for name, role in ROLES.items()})
    genesis.open_log(cast.admin, _key("admin"), {}, cast.now())
    for name, person in cast.people.items():
        if name != "admin":
            enrol(cast, name, person)


@transaction.atomic
def add_person(cast: Cast, name: str, role: Role) -> Person:
    """Add somebody with an enrolled key to the cast of one test."""
    cast.people[name] = _person(name, role)
    enrol(cast, name, cast.people[name])
    return cast.people[name]


def enrol(cast: Cast, name: str, person: Person) -> None:
    """Enrol a key as the administrator and its holder do, without the drafts in between."""
    key = _key(name)
    enrolled = EnrolledKey(
        key.keyid, key.spki, key.alg, person.uuid, frozenset({records.Role(person.role)}), KeyKind.SOFTWARE
    )
    openings = [records.make_opening("holder", dict(person.identity()))]
    payload = records.build(
        log=log_origin(),
        type=RecordType.KEY_REGISTER,
        time=cast.now(),
        actor=_key("admin").keyid,
        seen=newest_seen(),
        openings=openings,
        extra={"key": enrolled.to_json()},
    )
    signed = envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)
    signers = [_key("admin"), key]
    entry = append(
        envelope.seal(payload, [envelope.Signature(k.keyid, k.sign(signed)) for k in signers]), openings
    )
    KeyRow.objects.create(
        keyid=key.keyid,
        person=person,
        alg=str(key.alg),
        spki=key.spki,
        requested=cast.clock,
        state=KeyState.REGISTERED,
        registered_entry=entry.index,
    )


@cache
def _hashed_password() -> str:
    from django.contrib.auth.hashers import MD5PasswordHasher

    # As the tests hash (conftest.py); the process that fills the template has the real settings.
    hasher = MD5PasswordHasher()
    return hasher.encode(PASSWORD, hasher.salt())


def _person(name: str, role: Role) -> Person:
    return Person.objects.create(
        username=name,
        name=f"{name.capitalize()} Lindqvist",
        title="Detective",
        badge=f"B-{int(hashlib.sha256(name.encode()).hexdigest()[:4], 16)}",
        agency="Test Agency",
        unit="Another unit" if name in {"stranger", "supervisor2"} else UNIT,
        role=role,
        password=_hashed_password(),
        training_until=date.today() + timedelta(days=300),
    )


def _ensure_files() -> None:
    from pathlib import Path

    from django.conf import settings

    folder = Path(settings.KEYS_DIR)
    if not (folder / keys.LOG_KEY).exists():
        keys.make_log_key()
    if not (folder / keys.POST_QUANTUM_KEY).exists():
        keys.make_post_quantum_key()
    if not (folder / keys.SERVICE_KEY).exists():
        keys.make_service_key()


if __name__ == "__main__":
    establish()
