"""The map of how many records there are about what: its definition, and whoever would leave one out."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.proof import digests, prefix_map, records
from custody.proof.errors import InclusionError, MalformedError, ProofError
from custody.proof.prefix_map import ACC_0, EMPTY, Branch, Leaf, MapProof, MemoryStore, Namespace, PrefixMap
from custody.proof.records import RecordType, Subject
from tests.vectors import make

# Whole keys from a few bytes, so that many of them begin alike.
_keys = st.sampled_from(
    [bytes([a, b]) + bytes(29) + bytes([c]) for a in (0, 1, 128, 255) for b in (0, 7) for c in range(4)]
)
_contents = st.dictionaries(_keys, st.integers(1, 5), max_size=20)


def definition(leaves: dict[bytes, tuple[int, bytes]], depth: int = 0) -> bytes:
    """Compute the root of the map exactly as the format defines it, sharing nothing with prefix_map.py."""
    if not leaves:
        return bytes(32)
    if len(leaves) == 1:
        ((key, (count, acc)),) = leaves.items()
        return hashlib.sha256(b"\x10" + key + count.to_bytes(8, "big") + acc).digest()
    halves: tuple[dict[bytes, tuple[int, bytes]], ...] = ({}, {})
    for key, value in leaves.items():
        halves[key[depth // 8] >> (7 - depth % 8) & 1][key] = value
    return hashlib.sha256(b"\x11" + b"".join(definition(half, depth + 1) for half in halves)).digest()


def _built(contents: Mapping[bytes, int]) -> tuple[PrefixMap, dict[bytes, tuple[int, bytes]]]:
    built = PrefixMap()
    entries = [(key, index) for key, count in contents.items() for index in range(count)]
    built.add(entries)
    return built, {key: prefix_map.accumulate_all(range(count)) for key, count in contents.items()}


@given(_contents)
def test_the_root_is_that_of_the_definition(contents: dict[bytes, int]) -> None:
    built, leaves = _built(contents)
    assert built.root() == definition(leaves)
    assert all(built.get(key) == value for key, value in leaves.items())


@settings(max_examples=25)
@given(_contents)
def test_neither_order_nor_batches_change_the_map(contents: dict[bytes, int]) -> None:
    entries = [(key, index) for index in range(5) for key, count in contents.items() if index < count]
    one_by_one = PrefixMap()
    for entry in entries:
        one_by_one.add([entry])
    by_update = PrefixMap()
    for key, count in sorted(contents.items()):
        by_update.update(key, *prefix_map.accumulate_all(range(count)))
    assert one_by_one.root() == by_update.root() == _built(contents)[0].root()
    assert isinstance(one_by_one._store, MemoryStore)
    assert isinstance(by_update._store, MemoryStore)
    assert one_by_one._store.nodes == by_update._store.nodes


@given(_contents, _keys)
def test_what_the_map_has_and_what_it_has_not_is_proven(contents: dict[bytes, int], key: bytes) -> None:
    built, leaves = _built(contents)
    proof = built.prove(key)
    assert prefix_map.verify_proof(key, proof, built.root()) == leaves.get(key, (0, ACC_0))


@given(_contents, st.lists(_keys, max_size=6))
def test_many_keys_are_proven_as_each_alone(contents: dict[bytes, int], keys: list[bytes]) -> None:
    built, leaves = _built(contents)
    wanted = [*leaves, *keys]
    assert built.prove_all(wanted) == [built.prove(key) for key in wanted]


@given(_contents, _keys, st.data())
def test_no_changed_proof_says_something_else(
    contents: dict[bytes, int], key: bytes, data: st.DataObject
) -> None:
    built, leaves = _built(contents)
    proof, root = built.prove(key), built.root()
    siblings, terminal = list(proof.siblings), proof.terminal
    change = data.draw(st.sampled_from(["flip", "drop", "add", "empty", "count", "acc", "other key"]))
    if change == "flip" and siblings:
        place = data.draw(st.integers(0, len(siblings) - 1))
        siblings[place] = bytes([siblings[place][0] ^ 1]) + siblings[place][1:]
    elif change == "drop" and siblings:
        siblings.pop(data.draw(st.integers(0, len(siblings) - 1)))
    elif change == "add":
        siblings.append(data.draw(st.sampled_from([EMPTY, root, bytes(31)])))
    elif change == "empty":
        terminal = None
    elif terminal is not None:
        count, acc = (
            terminal.count + (change == "count"),
            digests.sha256(terminal.acc) if change == "acc" else terminal.acc,
        )
        terminal = Leaf(digests.sha256(key) if change == "other key" else terminal.key, count, acc)
    changed = MapProof(tuple(siblings), terminal)
    if changed != proof:
        with pytest.raises(ProofError):
            prefix_map.verify_proof(key, changed, root)
    else:
        assert prefix_map.verify_proof(key, changed, root) == leaves.get(key, (0, ACC_0))


def test_another_exhibits_proof_is_not_an_absence_proof() -> None:
    keys = [digests.sha256(bytes([number])) for number in range(16)]
    built, _ = _built(dict.fromkeys(keys, 1))
    for shown in keys:
        for wanted in keys:
            if shown != wanted:
                with pytest.raises(InclusionError):
                    prefix_map.verify_proof(wanted, built.prove(shown), built.root())


def test_an_empty_map_proves_that_it_has_nothing() -> None:
    built = PrefixMap()
    assert (built.root(), built.add([])) == (EMPTY, EMPTY)
    assert prefix_map.verify_proof(bytes(32), built.prove(bytes(32)), EMPTY) == (0, ACC_0)


def test_a_single_leaf_may_not_hide_below_empty_siblings() -> None:
    key = bytes(32)
    leaf = Leaf(key, 1, digests.sha256(b"acc"))
    deeper = prefix_map.mnode(leaf.hash(), EMPTY)
    with pytest.raises(InclusionError, match="deeper"):
        prefix_map.verify_proof(key, MapProof((EMPTY,), leaf), deeper)


def test_a_proof_longer_than_a_key_or_with_an_impossible_leaf_is_refused() -> None:
    with pytest.raises(InclusionError):
        prefix_map.verify_proof(bytes(32), MapProof((digests.sha256(b""),) * 257, None), bytes(32))
    for leaf in (
        Leaf(bytes(32), 0, ACC_0),
        Leaf(bytes(31), 1, ACC_0),
        Leaf(bytes(32), 1, b""),
        Leaf(bytes(32), 2**63, ACC_0),
    ):
        with pytest.raises(MalformedError):
            prefix_map.verify_proof(bytes(32), MapProof((), leaf), bytes(32))
        with pytest.raises(MalformedError):
            PrefixMap().update_many([leaf])


class CountingStore(MemoryStore):
    """A store that counts its calls and the rows they touch."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, int]] = []

    def get_many(self, prefixes: Collection[str]) -> Mapping[str, bytes]:
        self.calls.append(("get", len(prefixes)))
        return super().get_many(prefixes)

    def put_many(self, nodes: Mapping[str, bytes]) -> None:
        self.calls.append(("put", len(nodes)))
        super().put_many(nodes)


def test_one_batch_is_one_read_and_one_write_of_its_own_paths_only() -> None:
    store = CountingStore()
    built = PrefixMap(store)
    built.add([(digests.sha256(b"%d" % number), number) for number in range(2000)])
    assert [kind for kind, _ in store.calls] == ["get", "put"]
    store.calls.clear()
    built.add([(digests.sha256(b"7"), 2000), (digests.sha256(b"new"), 2000), (digests.sha256(b"7"), 2001)])
    assert [kind for kind, _ in store.calls] == ["get", "put"]
    assert store.calls[0][1] <= 2 * (prefix_map.PROBE_BITS + 1)
    assert store.calls[1][1] < 60
    assert len(store.nodes) < 2.5 * 2001


def test_keys_that_share_a_long_beginning_need_one_more_read_and_are_proven_too() -> None:
    store = CountingStore()
    built = PrefixMap(store)
    shared = bytes(20)
    keys = [shared + bytes(11) + bytes([number]) for number in (0, 1, 255)] + [shared + b"\xff" * 12]
    for index, key in enumerate(keys):
        built.add([(key, index)])
    store.calls.clear()
    root = built.add([(keys[0], 9)])
    assert [kind for kind, _ in store.calls] == ["get", "get", "put"]
    assert root == definition({key: built.get(key) for key in keys})
    for key in keys:
        assert prefix_map.verify_proof(key, built.prove(key), root) == built.get(key)
    assert len(built.prove(keys[0]).siblings) == 256


def test_a_changed_or_lost_row_is_noticed_before_it_is_built_upon() -> None:
    store = MemoryStore()
    built = PrefixMap(store)
    keys = [digests.sha256(b"%d" % number) for number in range(50)]
    built.add([(key, 1) for key in keys])
    whole = dict(store.nodes)
    bits = prefix_map.bits_of(keys[0])
    path = [bits[:depth] for depth in range(len(built.prove(keys[0]).siblings) + 1)]
    for prefix in path[1:]:
        for damage in (None, whole[prefix][:-1] + bytes([whole[prefix][-1] ^ 1]), b"", whole[""]):
            store.nodes = (
                dict(whole) if damage is not None else {p: n for p, n in whole.items() if p != prefix}
            )
            if damage is not None:
                store.nodes[prefix] = damage
            with pytest.raises(MalformedError):
                built.prove(keys[0])
            with pytest.raises(MalformedError):
                built.add([(keys[0], 2)])
    store.nodes = {"": prefix_map.encode_node(Leaf(keys[0], 1, ACC_0)), "1": b"junk"}
    assert built.prove(keys[1]).terminal == Leaf(keys[0], 1, ACC_0)
    store.nodes = {"": bytes(64)}  # a branch without halves
    assert built.prove(keys[1]) == MapProof((EMPTY,), None)


def test_a_leaf_stored_on_a_foreign_path_is_noticed() -> None:
    key = b"\x80" + bytes(31)
    leaf = Leaf(key, 1, ACC_0)
    store = MemoryStore()
    store.nodes = {"": prefix_map.encode_node(Branch(leaf.hash(), EMPTY)), "0": prefix_map.encode_node(leaf)}
    with pytest.raises(MalformedError, match="damaged"):
        PrefixMap(store).prove(bytes(32))


@given(st.sampled_from([Leaf(bytes(range(32)), 7, bytes(range(1, 33))), Branch(bytes(range(32)), EMPTY)]))
def test_a_node_is_read_back_from_its_row(node: prefix_map.Node) -> None:
    assert prefix_map.decode_node(prefix_map.encode_node(node)) == node


def test_the_accumulator_depends_on_every_index_and_their_order() -> None:
    accumulators = {
        prefix_map.accumulate_all(indices) for indices in ([], [1], [2], [1, 2], [2, 1], [1, 2, 3], [1, 3])
    }
    assert len(accumulators) == 7
    assert prefix_map.accumulate_all([]) == (0, ACC_0)


def test_a_record_is_counted_for_its_items_its_case_and_its_signer() -> None:
    case, items = uuid4(), [uuid4(), uuid4()]
    actor = digests.keyid(b"key")
    record = records.parse(
        records.build(
            log="evidence.example/log",
            type=RecordType.NOTE,
            time=datetime(2026, 1, 1, tzinfo=UTC),
            actor=actor,
            case=case,
            subjects=[Subject(item, 1, records.NO_ENTRY) for item in items],
            seen=records.NOTHING_SEEN,
        )
    )
    assert prefix_map.keys_of(record, 5) == [
        (Namespace.ITEM, str(items[0])),
        (Namespace.ITEM, str(items[1])),
        (Namespace.CASE, str(case)),
        (Namespace.KEYUSE, actor),
    ]


@pytest.mark.parametrize("record_type", sorted(records.ABOUT_THE_LOG))
def test_what_is_said_of_the_log_is_counted_for_its_keys_and_its_policy(record_type: RecordType) -> None:
    record = records.parse(make.example_record(record_type))
    index = 0 if record_type is RecordType.GENESIS else 9
    keys = [(Namespace.KEYCTL, keyid) for keyid in record.controls()]
    policy = [(Namespace.POLICY, prefix_map.POLICY_ID)] if record_type is RecordType.POLICY_UPDATE else []
    assert prefix_map.keys_of(record, index) == keys + policy


def test_genesis_stands_first_and_nothing_else_does() -> None:
    for record_type, index in ((RecordType.GENESIS, 1), (RecordType.NOTE, 0)):
        with pytest.raises(MalformedError, match="genesis"):
            prefix_map.keys_of(records.parse(make.example_record(record_type)), index)


def test_a_namespace_outside_the_four_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="victim"):
        prefix_map.mapkey("victim", str(uuid4()))
    assert prefix_map.mapkey("item", "x") != prefix_map.mapkey("case", "x")
