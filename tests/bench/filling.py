"""Signed entries for a large ledger, made fast: cases of ten exhibits, each taken in and then checked nine times.

Every entry is one a real system writes: canonical, chained to the exhibit's entry before, signed by the enrolled
keys of the tests' cast. Only the writing is quicker than custody.proof.records, with which it is compared first.
"""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from custody.proof import digests, envelope, records
from custody.proof.records import NO_ENTRY, Opening, RecordType, Seen, Subject
from custody.proof.signatures import SigningKey

ITEMS_PER_CASE, RECORDS_PER_ITEM = 10, 10
# The claims of a re-reading (custody/acts/check_fixity.py).
CHECKED = ("exhibit", "expected_sha256", "outcome", "sha256")


@dataclass
class Exhibit:
    """Where the chain of one exhibit stands."""

    case: uuid.UUID
    item: uuid.UUID
    seq: int = 0
    leaf: bytes = NO_ENTRY


@dataclass(frozen=True)
class Filling:
    """The log that the entries are for, the head their signers have seen, and the two keys."""

    log: str
    seen: Seen
    examiner: SigningKey
    service: SigningKey
    time: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def entry(self, exhibit: Exhibit, openings: Sequence[Opening] = ()) -> bytes:
        """Write the next entry about an exhibit, and move its chain on."""
        kind, key = RecordType.FIXITY_CHECK, self.service
        if exhibit.seq == 0:
            kind, key = RecordType.ITEM_INTAKE, self.examiner
        exhibit.seq += 1
        payload = self._payload(kind, key.keyid, exhibit, openings)
        signature = key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, payload))
        data = _entry(payload, key.keyid, signature)
        exhibit.leaf = digests.leaf_hash(data)
        return data

    def cases(self, entries: int) -> Iterator[tuple[list[bytes], list[Exhibit]]]:
        """Write whole cases until there are so many entries."""
        for _ in range(0, entries, ITEMS_PER_CASE * RECORDS_PER_ITEM):
            case = uuid.uuid4()
            exhibits = [Exhibit(case, uuid.uuid4()) for _ in range(ITEMS_PER_CASE)]
            yield [self.entry(one) for _ in range(RECORDS_PER_ITEM) for one in exhibits], exhibits

    def check(self) -> None:
        """Compare the quick writing with the product's own."""
        exhibit = Exhibit(uuid.uuid4(), uuid.uuid4(), 3, os.urandom(32))
        openings = openings_of_a_check()
        quick = self._payload(RecordType.FIXITY_CHECK, self.service.keyid, exhibit, openings)
        own = records.build(
            log=self.log,
            type=RecordType.FIXITY_CHECK,
            time=self.time,
            actor=self.service.keyid,
            case=exhibit.case,
            subjects=[Subject(exhibit.item, exhibit.seq, exhibit.leaf)],
            seen=self.seen,
            openings=openings,
            nonce=records.parse(quick).nonce,
        )
        sealed = envelope.seal(own, [envelope.Signature(self.service.keyid, b"not looked at")])
        if quick != own or _entry(own, self.service.keyid, b"not looked at") != sealed:
            raise AssertionError("the quick writing of entries differs from custody.proof")

    def _payload(self, kind: RecordType, actor: str, exhibit: Exhibit, openings: Sequence[Opening]) -> bytes:
        committed = sorted((opening.field, _b64(opening.commitment())) for opening in openings)
        claims = ",".join(f'"{name}":"{commitment}"' for name, commitment in committed)
        return (
            f'{{"actor":"{actor}","case":"{exhibit.case}","claims":{{{claims}}},"log":"{self.log}",'
            f'"nonce":"{_b64(os.urandom(16))}","refs":[],'
            f'"seen":{{"root":"{_b64(self.seen.root)}","size":{self.seen.size}}},'
            f'"subjects":[{{"item":"{exhibit.item}","prev":"{_b64(exhibit.leaf)}","seq":{exhibit.seq}}}],'
            f'"time":"{self.time:%Y-%m-%dT%H:%M:%SZ}","type":"{kind}","v":{records.VERSION}}}'
        ).encode()


def openings_of_a_check() -> tuple[Opening, ...]:
    """Give the openings that one re-reading leaves."""
    return tuple(records.make_opening(name, "ab" * 32) for name in CHECKED)


def _entry(payload: bytes, keyid: str, signature: bytes) -> bytes:
    return (
        f'{{"payload":"{_b64(payload)}","payloadType":"{records.RECORD_PAYLOAD_TYPE}",'
        f'"signatures":[{{"keyid":"{keyid}","sig":"{_b64(signature)}"}}]}}'
    ).encode()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
