"""A tenth of a log of ten thousand entries is expunged: everybody else's proof stays as it was, byte for byte."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection

from custody.ledger import erase, prove, publish
from custody.ledger.append import MAX_BATCH, Addition, append_many
from custody.ledger.genesis import policy_text
from custody.ledger.keys import log_origin
from custody.ledger.models import Entry
from custody.ledger.replay import replay
from custody.proof import bundle, envelope, records
from custody.proof.bundle import WithheldPart
from custody.proof.digests import leaf_hash
from custody.proof.erasure import write_erased
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.records import NO_ENTRY, RecordType, Subject
from custody.proof.verdict import Outcome
from custody.proof.verify import Question, verify_bundle, verify_report
from tests.cast import Cast

SEED = 20261122
ITEMS, EACH = 1000, 10
PER_ORDER = 60


@dataclass
class Log:
    """Exhibits with ten records each, in mixed order, and what was said in each."""

    cast: Cast
    case: uuid.UUID
    heads: dict[uuid.UUID, tuple[int, bytes]] = field(default_factory=dict)
    entries: dict[uuid.UUID, list[int]] = field(default_factory=dict)
    said: dict[int, str] = field(default_factory=dict)

    def fill(self, order: list[uuid.UUID]) -> None:
        """Append one record for each mention of an exhibit, in this order."""
        waiting: list[tuple[uuid.UUID, str, Addition]] = []
        for item in order:
            seq, leaf = self.heads.get(item, (0, NO_ENTRY))
            text = f"Words of {uuid.uuid4().hex}"
            kind = RecordType.NOTE if seq else RecordType.ITEM_INTAKE
            made = self.signed("examiner", kind, (Subject(item, seq + 1, leaf),), ("note", text))
            self.heads[item] = (seq + 1, leaf_hash(made.data))
            waiting.append((item, text, made))
        for start in range(0, len(waiting), MAX_BATCH):
            batch = waiting[start : start + MAX_BATCH]
            for (item, text, _), entry in zip(batch, append_many([a for *_, a in batch]), strict=True):
                self.entries.setdefault(item, []).append(entry.index)
                self.said[entry.index] = text

    def signed(self, who, kind, subjects=(), claim=None, extra=None) -> Addition:
        """Sign a record; whether it may be is not asked."""
        key = self.cast.key(who)
        openings = (records.make_opening(*claim),) if claim else ()
        payload = records.build(
            log=log_origin(),
            type=kind,
            time=self.cast.now(),
            actor=key.keyid,
            case=self.case,
            subjects=subjects,
            seen=records.NOTHING_SEEN,
            openings=openings,
            extra=extra,
        )
        made = envelope.Signature(key.keyid, key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)))
        return Addition(envelope.seal(payload, [made]), openings)

    def bundle(self, item: uuid.UUID) -> bytes:
        return prove.prove(Namespace.ITEM, str(item), self.cast.now()).data


@pytest.fixture
def log(cast: Cast) -> Log:
    made = Log(cast, cast.open_case().uuid)
    draw = random.Random(SEED)
    order = [item for item in [uuid.uuid4() for _ in range(ITEMS)] for _ in range(EACH)]
    draw.shuffle(order)
    made.fill(order)
    publish.publish(cast.now())
    return made


def dump() -> Iterator[str]:
    """All text of all tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from (row[0] for row in cursor.fetchall())


def test_a_tenth_is_forgotten_and_every_other_proof_stays(log: Log) -> None:
    draw = random.Random(SEED)
    gone = draw.sample(sorted(log.entries), ITEMS // 10)
    kept = draw.sample(sorted(set(log.entries) - set(gone)), 25)
    before = {item: log.bundle(item) for item in kept}
    indices = sorted(index for item in gone for index in log.entries[item])
    salts = {bytes(o.salt).hex() for e in Entry.objects.filter(pk__in=indices) for o in e.openings.all()}
    leaves = dict(Entry.objects.filter(pk__in=indices).values_list("seq", "leaf_hash"))
    assert (len(indices), len(salts)) == (1000, 1000)

    for start in range(0, len(indices), PER_ORDER):
        keys = erase.keys_of_entries(indices[start : start + PER_ORDER])
        extra = {"openings": [], "erased": write_erased(keys)}
        [order] = append_many([log.signed("supervisor", RecordType.ERASURE, extra=extra)])
        erase.erase(order.index)

    # What was erased is nowhere; its place is.
    text = "\n".join(dump())
    assert not any(log.said[index] in text for index in indices)
    assert not any(salt in text for salt in salts)
    assert dict(Entry.objects.filter(pk__in=indices).values_list("seq", "leaf_hash")) == leaves
    assert not Entry.objects.filter(pk__in=indices, data__isnull=False).exists()

    # Bundles from before verify as before, and agree with those made now, whose entries are the same bytes.
    policy = parse_policy(policy_text())
    for item, old in before.items():
        new = log.bundle(item)
        assert verify_bundle(old, policy=policy).outcome is Outcome.VERIFIED
        assert verify_bundle(new, policy=policy).outcome is Outcome.VERIFIED
        assert not verify_report(new, Question(policy=policy, other=old)).fork
        own = set(log.entries[item])
        mine = [[p.entry for p in bundle.parse(data).entries if p.index in own] for data in (old, new)]
        assert mine[0] == mine[1]
        assert len(mine[0]) == EACH

    # Of what was erased it is proven that nothing else is missing, and by which orders it went.
    for item in draw.sample(gone, 5):
        data = log.bundle(item)
        assert sum(isinstance(part, WithheldPart) for part in bundle.parse(data).entries) == EACH
        verdict = verify_bundle(data, policy=policy)
        assert verdict.outcome is Outcome.WITH_REMARKS, [f.sentence for f in verdict.findings]

    # A replay of the whole log, map and tree included, finds no fault.
    publish.publish(log.cast.now())
    failed = [finding.sentence for finding in replay(policy).findings if finding.level == "failure"]
    assert failed == []
