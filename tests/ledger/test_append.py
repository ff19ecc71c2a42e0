"""The one door into the ledger: one entry or many give the same log; all or none; the database still judges."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from custody.ledger import keys, publish
from custody.ledger.append import MAX_BATCH, Addition, OutsideTransactionError, append, append_many
from custody.ledger.models import Entry, Head, Node, Opening, Subject
from custody.ledger.tree import block_reader
from custody.proof import digests, envelope, merkle, records
from custody.proof.errors import MalformedError
from custody.proof.records import RecordType
from tests.cast import Cast

# Values as acts write them: other scripts, numbers, lists and maps inside.
CLAIMS: dict[str, Any] = {
    "exhibit": "EX-1 «Ünïté» 証拠",
    "size": 2**53 - 1,
    "source": {"make": "Nokia", "marks": [True]},
}


def addition(cast: Cast, **changed: Any) -> Addition:
    """Give a signed record about a case of its own."""
    openings = tuple(records.make_opening(name, value) for name, value in CLAIMS.items())
    parts: dict[str, Any] = {"type": RecordType.CASE_OPEN, "case": uuid.uuid4()} | changed
    payload = records.build(
        log=keys.log_origin(),
        time=cast.now(),
        actor=cast.key("supervisor").keyid,
        seen=publish.newest_seen(),
        openings=openings,
        **parts,
    )
    return Addition(sealed(payload, cast), openings)


def sealed(payload: bytes, cast: Cast) -> bytes:
    key = cast.key("supervisor")
    signature = key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, payload))
    return envelope.seal(payload, [envelope.Signature(key.keyid, signature)])


def ledger() -> dict[str, Any]:
    """Give everything the ledger's tables say, without the clock and the numbers of rows."""
    head = Head.objects.get(pk=1)
    return {
        "head": (head.size, bytes(head.frontier)),
        "entries": [(e.seq, bytes(e.leaf_hash), bytes(e.data or b"")) for e in Entry.objects.order_by("seq")],
        "subjects": sorted(Subject.objects.values_list("entry", "namespace", "key")),
        "openings": [
            (o.entry_id, o.field, bytes(o.salt), o.value) for o in Opening.objects.order_by("entry", "field")
        ],
        "nodes": [(n.level, n.idx, bytes(n.hash)) for n in Node.objects.order_by("level", "idx")],
    }


def undone(*batches: Sequence[Addition]) -> dict[str, Any]:
    """Give the ledger as these batches leave it, and take them back."""
    with transaction.atomic():
        for batch in batches:
            append_many(batch)
        left = ledger()
        transaction.set_rollback(True)
    return left


def check_tree() -> None:
    """Compare the head and the kept nodes with the tree over the stored bytes."""
    head = Head.objects.get(pk=1)
    leaves = [digests.leaf_hash(bytes(e.data or b"")) for e in Entry.objects.order_by("seq")]
    assert len(leaves) == head.size
    root = merkle.root(leaves)
    assert merkle.Frontier.parse(head.size, bytes(head.frontier)).root() == root
    assert merkle.root_at(head.size, block_reader()) == root


@pytest.fixture
def before(cast: Cast) -> Iterator[dict[str, Any]]:
    """What was there; what a refused append must leave."""
    found = ledger()
    yield found
    assert ledger() == found


def test_a_batch_gives_the_same_log_as_one_entry_after_the_other(cast: Cast) -> None:
    """300 entries, so that a kept node of 256 is filled in the middle of a batch."""
    additions = [addition(cast) for _ in range(300)]
    one_by_one = undone(*([each] for each in additions))
    assert undone(additions) == one_by_one
    assert undone(additions[:1], additions[1:200], additions[200:]) == one_by_one
    assert one_by_one["nodes"]
    assert {o[1]: o[3] for o in one_by_one["openings"][-3:]} == CLAIMS
    append_many(additions)
    check_tree()


def test_what_is_told_of_each_entry_is_where_it_lies(cast: Cast) -> None:
    additions = [addition(cast) for _ in range(5)]
    told = append_many(additions)
    rows = Entry.objects.filter(seq__gte=told[0].index).order_by("seq")
    assert [(t.index, t.leaf, t.data) for t in told] == [
        (row.seq, bytes(row.leaf_hash), bytes(row.data or b"")) for row in rows
    ]
    assert [t.data for t in told] == [a.data for a in additions]


@pytest.mark.parametrize("place", [0, 7, 14])
def test_one_entry_that_is_none_keeps_the_whole_batch_out(cast: Cast, before: Any, place: int) -> None:
    additions = [addition(cast) for _ in range(15)]
    additions[place] = Addition(additions[place].data + b" ")
    with pytest.raises(MalformedError):
        append_many(additions)


def test_a_second_genesis_keeps_the_whole_batch_out(cast: Cast, before: Any) -> None:
    genesis = Addition(bytes(Entry.objects.get(pk=0).data or b""))
    with pytest.raises(MalformedError, match="genesis"):
        append_many([addition(cast), genesis])


def test_an_opening_given_twice_keeps_the_whole_batch_out(cast: Cast, before: Any) -> None:
    """A refusal of the database in the midst of the statement, after rows of other tables were written."""
    twice = addition(cast)
    twice = Addition(twice.data, twice.openings + twice.openings[:1])
    with pytest.raises(DatabaseError, match="ledger_opening_once_per_field"), transaction.atomic():
        append_many([addition(cast), twice, addition(cast)])


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
def test_a_batch_of_none_or_too_many(cast: Cast, before: Any, count: int) -> None:
    with pytest.raises(ValueError, match="are possible"):
        append_many([Addition(b"")] * count)


@pytest.mark.parametrize("wrong", ["gap", "double", "leaf"])
def test_the_database_judges_every_row_of_a_batch(cast: Cast, before: Any, wrong: str) -> None:
    """As the application role, around the door: three rows at once of which only the last is wrong."""
    size = before["head"][0]
    data = [b"a", b"b", b"c"]
    numbers = [size, size + 1, {"gap": size + 3, "double": size + 1, "leaf": size + 2}[wrong]]
    leaves = [digests.leaf_hash(one) for one in data]
    if wrong == "leaf":
        leaves[2] = digests.leaf_hash(b"another")
    rows = "SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[])"
    with (
        pytest.raises(DatabaseError, match=r"does not follow|not that of its bytes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO ledger_entry (seq, leaf_hash, data) {rows}", [numbers, leaves, data])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_appended_outside_a_transaction(cast: Cast) -> None:
    with pytest.raises(OutsideTransactionError):
        append(addition(cast).data)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_log_without_gaps(cast: Cast) -> None:
    before = Head.objects.get(pk=1).size
    batches = [[addition(cast) for _ in range(count)] for count in (1, 40, 7, 100, 3, 60)]
    failed: list[Exception] = []

    def write(batch: list[Addition]) -> None:
        try:
            with transaction.atomic():
                told = append_many(batch)
            assert [t.index for t in told] == list(range(told[0].index, told[0].index + len(batch)))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Head.objects.get(pk=1).size == before + sum(map(len, batches))
    check_tree()
