"""A log in memory, with people, keys, items and transfers, which tests push into bad states.

It writes the same bytes as the server, through custody.proof, and signs whatever it is told to: nothing here
asks whether a record may be. `World.parts()` gives the parts of an honest bundle; tests change them and build
it.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

from custody.proof import bundle, envelope, merkle, records
from custody.proof.bundle import BundleParts, EntryPart, MapPart, OpeningPart, SeenPart
from custody.proof.canonical import JSON
from custody.proof.checkpoint import Checkpoint
from custody.proof.digests import leaf_hash
from custody.proof.enrolment import EnrolledKey
from custody.proof.erasure import write_erased
from custody.proof.note_keys import NoteSigner, sign_note
from custody.proof.passkey import Site
from custody.proof.policy import Policy, format_policy
from custody.proof.prefix_map import POLICY_ID, Namespace, PrefixMap, keys_of, mapkey
from custody.proof.reading import MapId
from custody.proof.records import NO_ENTRY, NOTHING_SEEN, KeyKind, Opening, RecordType, Role, Seen, Subject
from custody.proof.signatures import Algorithm, SigningKey
from tests.proof.passkeys import SITE, Passkey

ORIGIN = "evidence.test/log"
T = RecordType


@dataclass(frozen=True)
class Person:
    name: str
    id: UUID
    key: SigningKey | Passkey
    roles: frozenset[Role]

    @classmethod
    def make(cls, name: str, *roles: Role) -> "Person":
        return cls(name, uuid4(), SigningKey.generate(), frozenset(roles))

    def enrolled(self) -> EnrolledKey:
        if isinstance(self.key, Passkey):
            return EnrolledKey(
                self.key.keyid,
                self.key.spki,
                self.key.alg,
                self.id,
                self.roles,
                KeyKind.WEBAUTHN,
                self.key.facts,
            )
        kind = KeyKind.SERVICE if Role.SERVICE in self.roles else KeyKind.SOFTWARE
        return EnrolledKey(self.key.keyid, self.key.spki, self.key.alg, self.id, self.roles, kind)


class World:
    """A log with its keys and people. Everyone in `cast` is enrolled when the world begins."""

    def __init__(self, *sites: Site) -> None:
        self.sites = sites or (SITE,)
        self.enrollers = 1
        self.log_key = SigningKey.generate(Algorithm.ED25519)
        self.signer = NoteSigner(ORIGIN, self.log_key)
        self.entries: list[bytes] = []
        self.openings: dict[int, list[Opening]] = {}
        self.heads: dict[UUID, tuple[int, bytes]] = {}
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.seen = NOTHING_SEEN
        self.published: list[Seen] = []
        self.note = ""
        self.checkpoint = Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
        self.map = PrefixMap()
        self.admin = Person.make("Abel Administrator", Role.ADMINISTRATOR)
        self.service = Person.make("Service", Role.SERVICE)
        self.ana = Person.make("Ana Examiner", Role.EXAMINER)
        self.otto = Person.make("Otto Officer", Role.EVIDENCE_OFFICER)
        self.eve = Person.make("Eve Examiner", Role.EXAMINER)
        self.sara = Person.make("Sara Supervisor", Role.SUPERVISOR)
        self.case = uuid4()
        self.begin()
        for person in (self.service, self.ana, self.otto, self.eve, self.sara):
            self.enrol(person)
        self.publish()

    # -- writing ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Write genesis, with the administrator's key as its only root."""
        extra: Mapping[str, JSON] = {
            "roots": [self.admin.enrolled().to_json()],
            "policy": self.policy_text(*self.sites),
        }
        self.record(T.GENESIS, self.admin, extra=extra)

    def policy_text(self, *sites: Site) -> str:
        """Write what the log states about itself, with the sites on which passkeys may be used."""
        return format_policy(Policy((self.signer.public,), passkeys=sites, enrollers=self.enrollers))

    def state(self, *sites: Site) -> int:
        """Let an administrator state other sites from here on."""
        return self.record(T.POLICY_UPDATE, self.admin, extra={"policy": self.policy_text(*sites)})

    def demand(self, enrollers: int, *also: Person) -> int:
        """Let the log demand that so many administrators enrol a key; others may sign that too."""
        self.enrollers = enrollers
        signers = (self.admin.key, *(one.key for one in also))
        extra = {"policy": self.policy_text(*self.sites)}
        return self.record(T.POLICY_UPDATE, self.admin, extra=extra, signers=signers)

    def enrol(self, person: Person, by: Person | None = None, *also: Person) -> int:
        """Register a person's key, signed by an administrator, perhaps by others, and by the key itself."""
        by = by or self.admin
        extra: Mapping[str, JSON] = {"key": person.enrolled().to_json()}
        signers = (by.key, *(one.key for one in also), person.key)
        return self.record(T.KEY_REGISTER, by, extra=extra, signers=signers)

    def revoke(self, person: Person, by: Person | None = None) -> int:
        return self.record(T.KEY_REVOKE, by or self.admin, extra={"key": {"keyid": person.key.keyid}})

    def suspect(self, person: Person, since: datetime) -> int:
        key: JSON = {"keyid": person.key.keyid, "since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self.record(T.KEY_SUSPECT, self.admin, extra={"key": key})

    def erase(self, by: Person, *indices: int, about: Mapping[int, Sequence[bytes]] | None = None) -> int:
        """Order the bytes of entries to be erased; `about` lies about their map keys."""
        keys = {index: [mapkey(*map_id) for map_id in self.about(index)] for index in indices} | dict(
            about or {}
        )
        extra: Mapping[str, JSON] = {"openings": [], "erased": write_erased(keys)}
        return self.record(T.ERASURE, by, extra=extra)

    def intake(self, by: Person | None = None, *, case: UUID | None = None, **claims: JSON) -> UUID:
        """Take in a fresh item."""
        item = uuid4()
        said = {"sha256": "ab" * 32, "exhibit": "A-1", **claims}
        self.record(T.ITEM_INTAKE, by or self.ana, item, case=case, claims=said)
        return item

    def transfer(
        self, item: UUID, giver: Person, taker: Person, by: Person | None = None
    ) -> tuple[int, int, int]:
        """Offer, accept and approve; return the three indices."""
        offer = self.record(T.TRANSFER_OFFER, giver, item, claims={"purpose": "examination"})
        accept = self.record(T.TRANSFER_ACCEPT, taker, item, refs=[offer])
        approve = self.record(T.TRANSFER_APPROVE, by or self.sara, item, refs=[offer, accept])
        return offer, accept, approve

    def record(
        self,
        type: RecordType,
        by: Person,
        *items: UUID,
        case: UUID | None = None,
        refs: Sequence[int] = (),
        claims: Mapping[str, JSON] | None = None,
        extra: Mapping[str, JSON] | None = None,
        signers: Sequence[SigningKey | Passkey] | None = None,
        subjects: Sequence[Subject] | None = None,
        seen: Seen | None = None,
        time: datetime | None = None,
        log: str = ORIGIN,
    ) -> int:
        """Sign a record and append it; return its index. Whether it may be is not asked."""
        self.now += timedelta(minutes=1)
        openings = [records.make_opening(field, value) for field, value in (claims or {}).items()]
        about_the_log = type in records.ABOUT_THE_LOG
        payload = records.build(
            log=log,
            type=type,
            time=time or self.now,
            actor=by.key.keyid,
            case=None if about_the_log else case or self.case,
            subjects=[self.next_of(item) for item in items] if subjects is None else subjects,
            seen=seen or self.seen,
            refs=[self.leaf(ref) for ref in refs],
            openings=openings,
            extra=extra,
        )
        index = self.append(sealed(payload, signers or (by.key,)))
        self.openings[index] = openings
        for item in items:
            self.heads[item] = (self.heads.get(item, (0, b""))[0] + 1, self.leaf(index))
        return index

    def next_of(self, item: UUID) -> Subject:
        seq, leaf = self.heads.get(item, (0, NO_ENTRY))
        return Subject(item, seq + 1, leaf)

    def append(self, entry: bytes) -> int:
        self.entries.append(entry)
        return len(self.entries) - 1

    def resigned(self, index: int, *, by: SigningKey | Passkey, over: bytes) -> bytes:
        """Give the entry with a signature over other bytes in the place of its own."""
        return self.sealed_with(index, signature_by(by, over))

    def sealed_with(self, index: int, *made: envelope.Signature) -> bytes:
        """Give the entry with other signatures in the place of its own."""
        return envelope.seal(envelope.parse_entry(self.entries[index]).payload, made)

    def message(self, index: int) -> bytes:
        """What the signers of this entry sign."""
        return envelope.parse_entry(self.entries[index]).signed_bytes()

    def publish(self, *, size_off_by: int = 0, key: SigningKey | None = None) -> None:
        """Append the map head, sign the head of the log; signers see it from now on."""
        size = len(self.entries)
        self.map = PrefixMap()
        root = self.map.add((mapkey(*map_id), index) for index in range(size) for map_id in self.about(index))
        payload = records.build_map_head(log=ORIGIN, size=size + size_off_by, root=root)
        self.append(sealed(payload, (key or self.log_key,), records.MAP_HEAD_PAYLOAD_TYPE))
        self.sign_head()

    def sign_head(self) -> None:
        """Sign a head over all entries as they are, whether or not the last one is a map head."""
        self.checkpoint = Checkpoint(ORIGIN, len(self.entries), merkle.root(self.leaves()))
        self.note = sign_note(self.checkpoint.text(), [self.signer])
        self.seen = Seen(self.checkpoint.size, self.checkpoint.root)
        self.published.append(self.seen)

    def fork(self, size: int) -> "World":
        """Return a world with the same keys and people whose log goes on differently after `size` entries."""
        other = copy.copy(self)
        other.entries = self.entries[:size]
        other.openings = {index: opened for index, opened in self.openings.items() if index < size}
        other.seen = max((s for s in self.published if s.size <= size), key=lambda s: s.size)
        other.published = [s for s in self.published if s.size <= size]
        other.heads = {}
        for index in range(size):
            for subject in other.subjects(index):
                other.heads[subject.item] = (subject.seq, other.leaf(index))
        return other

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """What a careful reader has pinned."""
        return Policy(logs=(self.signer.public,), genesis=self.leaf(0))

    def leaf(self, index: int) -> bytes:
        return leaf_hash(self.entries[index])

    def leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]

    def read(self, index: int) -> records.Record | None:
        return _record(self.entries[index])

    def subjects(self, index: int) -> tuple[Subject, ...]:
        record = self.read(index)
        return record.subjects if record else ()

    def about(self, index: int) -> list[MapId]:
        return _about(self.entries[index], index)

    def indices(self, *map_ids: MapId) -> set[int]:
        """The published entries that are about one of these."""
        return {
            index for index in range(self.checkpoint.size) if not set(map_ids).isdisjoint(self.about(index))
        }

    # -- bundles ---------------------------------------------------------------------------------------------

    def parts(self, *wanted: UUID) -> BundleParts:
        """Give the parts of an honest bundle about these items; if none is named, about the whole case."""
        scope: list[MapId] = [(Namespace.ITEM, str(item)) for item in wanted]
        if not wanted:
            case = (Namespace.CASE, str(self.case))
            items = {s.item for index in self.indices(case) for s in self.subjects(index)}
            scope = [case, *((Namespace.ITEM, str(item)) for item in sorted(items))]
        policy = (Namespace.POLICY, POLICY_ID)
        chosen = {0, self.checkpoint.size - 1} | self.indices(*scope, policy)
        while True:
            signers = {keyid for index in chosen if self.read(index) for keyid in self.signers(index)}
            keyctl: list[MapId] = [(Namespace.KEYCTL, keyid) for keyid in sorted(signers)]
            if self.indices(*keyctl) <= chosen:
                break
            chosen |= self.indices(*keyctl)
        return BundleParts(
            checkpoint=self.note,
            entries=tuple(self.entry_part(index) for index in sorted(chosen)),
            maps=tuple(self.map_part(map_id) for map_id in [*scope, *keyctl, policy]),
            seen=self.seen_parts(chosen),
            openings=tuple(OpeningPart(i, o) for i in sorted(chosen) for o in self.openings.get(i, ())),
        )

    def signers(self, index: int) -> list[str]:
        return [signature.keyid for signature in envelope.parse_entry(self.entries[index]).signatures]

    def bundle(self, *wanted: UUID) -> bytes:
        return bundle.build(self.parts(*wanted))

    def entry_part(self, index: int) -> EntryPart:
        return EntryPart(index, self.entries[index], self.inclusion(index))

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        return tuple(merkle.inclusion_proof(index, self.checkpoint.size, merkle.reader_of(self.leaves())))

    def map_part(self, map_id: MapId) -> MapPart:
        return MapPart(Namespace(map_id[0]), map_id[1], self.map.prove(mapkey(*map_id)))

    def seen_parts(self, indices: Iterable[int]) -> tuple[SeenPart, ...]:
        heads = {record.seen for index in indices if (record := self.read(index)) and record.seen.size}
        heads = {head for head in heads if head.size <= self.checkpoint.size}
        return tuple(
            self.seen_part(head.size, head.root)
            for head in sorted(heads, key=lambda head: (head.size, head.root))
        )

    def seen_part(self, size: int, root: bytes) -> SeenPart:
        reader = merkle.reader_of(self.leaves())
        return SeenPart(size, root, tuple(merkle.consistency_proof(size, self.checkpoint.size, reader)))


@cache
def _record(entry: bytes) -> records.Record | None:
    opened = envelope.parse_entry(entry)
    return records.parse(opened.payload) if opened.payload_type == records.RECORD_PAYLOAD_TYPE else None


@cache
def _about(entry: bytes, index: int) -> list[MapId]:
    record = _record(entry)
    return [*keys_of(record, index)] if record else []


def sealed(
    payload: bytes, keys: Sequence[SigningKey | Passkey], payload_type: str = records.RECORD_PAYLOAD_TYPE
) -> bytes:
    message = envelope.pae(payload_type, payload)
    return envelope.seal(payload, [signature_by(key, message) for key in keys], payload_type)


def signature_by(key: SigningKey | Passkey, message: bytes) -> envelope.Signature:
    if isinstance(key, Passkey):
        return key.signature(message)
    return envelope.Signature(key.keyid, key.sign(message))


def without(parts: BundleParts, *indices: int) -> BundleParts:
    """Drop entries, with their openings."""
    return replace(
        parts,
        entries=tuple(part for part in parts.entries if part.index not in indices),
        openings=tuple(part for part in parts.openings if part.index not in indices),
    )


@dataclass(frozen=True)
class Story:
    """A world in which something ordinary has happened: two exhibits, one transfer, a check."""

    world: World
    item: UUID
    second: UUID
    offer: int
    accept: int
    approve: int


def story() -> Story:
    world = World()
    world.record(T.CASE_OPEN, world.sara, claims={"number": "2026-17"})
    item = world.intake(custodian="Ana Examiner")
    second = world.intake(sha256="cd" * 32, exhibit="A-2")
    world.publish()
    offer, accept, approve = world.transfer(item, world.ana, world.otto)
    world.record(T.FIXITY_CHECK, world.service, item, claims={"result": "match"})
    world.publish()
    return Story(world, item, second, offer, accept, approve)
