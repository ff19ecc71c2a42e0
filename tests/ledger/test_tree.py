"""What the tables give back of the tree is the tree over the leaves, and what they have lost is said."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.db import transaction

from custody.ledger.append import Addition, append_many
from custody.ledger.models import Entry, Head
from custody.ledger.tree import MissingLeavesError, block_reader
from custody.proof import digests, envelope, merkle, records
from tests.cast import Cast
from tests.services import Services

COUNT = 1_100


def grow(cast: Cast, count: int) -> None:
    """Let the log grow to this many entries; what they say does not matter to the tree."""
    key = cast.key("admin")
    size = Head.objects.get(pk=1).size
    additions = []
    for number in range(size, count):
        payload = records.build_map_head(log="evidence.test/log", size=number, root=bytes(32))
        signature = key.sign(envelope.pae(records.MAP_HEAD_PAYLOAD_TYPE, payload))
        signatures = [envelope.Signature(key.keyid, signature)]
        additions.append(Addition(envelope.seal(payload, signatures, records.MAP_HEAD_PAYLOAD_TYPE)))
    with transaction.atomic():
        for start in range(0, len(additions), 400):
            append_many(additions[start : start + 400])


def leaves() -> list[bytes]:
    return [digests.leaf_hash(bytes(e.data or b"")) for e in Entry.objects.order_by("seq")]


def forgetting(level: int, index: int) -> bytes:
    """Read with a reader that has read nothing before."""
    return block_reader()(level, index)


@pytest.mark.parametrize("make", [block_reader, lambda: forgetting], ids=["remembering", "forgetting"])
def test_every_subtree_is_that_of_the_leaves(cast: Cast, make: Callable[[], merkle.HashReader]) -> None:
    grow(cast, COUNT)
    memory, read = merkle.reader_of(leaves()), make()
    step = 1 if make is block_reader else 37
    for level in range(COUNT.bit_length()):
        for index in range(0, COUNT >> level, step):
            assert read(level, index) == memory(level, index)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 1_024, COUNT])
def test_proofs_from_the_tables_lead_to_the_root(cast: Cast, size: int) -> None:
    grow(cast, COUNT)
    hashes = leaves()
    root, read = merkle.root(hashes[:size]), block_reader()
    for index in {0, size // 3, size - 1}:
        proof = merkle.inclusion_proof(index, size, read)
        merkle.verify_inclusion(hashes[index], index, size, proof, root)
        old = index + 1
        proof = merkle.consistency_proof(old, size, read)
        merkle.verify_consistency(old, merkle.root(hashes[:old]), size, root, proof)


@pytest.mark.parametrize("place", [(0, COUNT), (3, COUNT >> 3), (8, COUNT >> 8), (16, 0)])
def test_a_subtree_that_is_not_full_yet_is_not_made_up(cast: Cast, place: tuple[int, int]) -> None:
    grow(cast, COUNT)
    with pytest.raises(MissingLeavesError, match="wanted"):
        block_reader()(*place)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("harm", "place"),
    [
        ("DELETE FROM ledger_entry WHERE seq = 300", (3, 40)),
        ("DELETE FROM ledger_entry WHERE seq = 256", (8, 1)),
        ("UPDATE ledger_entry SET leaf_hash = substr(leaf_hash, 2) WHERE seq = 300", (3, 40)),
        ("DELETE FROM ledger_node WHERE idx = 1", (8, 2)),
    ],
)
def test_lost_and_damaged_rows_shift_no_hash(
    cast: Cast, running_services: Services, harm: str, place: tuple[int, int]
) -> None:
    """A superuser takes rows away: neighbours must not be taken for what is missing."""
    grow(cast, COUNT)
    hands = psycopg.connect(running_services.admin_url, dbname=running_services.database, autocommit=True)
    with hands:
        hands.execute("SET session_replication_role = replica")
        if "256" in harm:  # nor may the leaves below stand in for the kept hash above them
            hands.execute("DELETE FROM ledger_node WHERE idx = 1")
        hands.execute(harm)
    with pytest.raises(MissingLeavesError, match=r"gap or a damaged hash|wanted"):
        block_reader()(*place)
