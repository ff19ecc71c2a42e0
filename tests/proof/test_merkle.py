"""Inclusion and consistency proofs, against published vectors and against the definition in RFC 9162."""

import base64
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import merkle
from custody.proof.checkpoint import parse_checkpoint, parse_note
from custody.proof.digests import leaf_hash
from custody.proof.errors import ConsistencyError, InclusionError, MalformedError
from tests import corpus

LEAVES = [leaf_hash(b"entry %d" % number) for number in range(70)]
READ = merkle.reader_of(LEAVES)


def definition(leaves: list[bytes]) -> bytes:
    """Compute MTH(D) exactly as RFC 9162, 2.1.1 writes it, sharing nothing with merkle.py."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:half]) + definition(leaves[half:])).digest()


def _unb64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _verdict_is_error(vector: dict[str, Any]) -> bool:
    proof = [_unb64(part) for part in vector["proof"] or []]
    try:
        if "leafIdx" in vector:
            leaf, root = _unb64(vector["leafHash"]), _unb64(vector["root"])
            merkle.verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
        else:
            old, new = _unb64(vector["root1"]), _unb64(vector["root2"])
            merkle.verify_consistency(vector["size1"], old, vector["size2"], new, proof)
    except InclusionError:
        return True
    return False


# Its two equal "roots" are twelve characters of text: consistent, but we refuse what is not a hash.
_PLACEHOLDER = "sizes-are-equal-one-and-proof-is-empty.json"


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_all_published_verdicts_are_ours(kind: str) -> None:
    files = corpus.files(f"vectors/merkle/{kind}/**/*.json")
    wrong = []
    for file in files:
        vector = json.loads(file.read_bytes())
        if file.name == _PLACEHOLDER:
            assert _verdict_is_error(vector)
            for name in ("root1", "root2"):
                vector[name] = base64.b64encode(hashlib.sha256(_unb64(vector[name])).digest()).decode()
        if _verdict_is_error(vector) != vector["wantErr"]:
            wrong.append(str(file))
    assert wrong == []
    assert len(files) > 50


def _tessera_entries(folder: Path, size: int) -> list[bytes]:
    """Read an entry bundle: each entry with its length in 16 bits before it."""
    data, entries = (folder / f"tile/entries/000.p/{size}").read_bytes(), []
    while data:
        (length,) = struct.unpack(">H", data[:2])
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


def test_the_tiles_and_heads_of_another_log_are_recomputed() -> None:
    folder = corpus.path("vectors/tlog-tiles")
    for size in range(1, 16):
        leaves = [leaf_hash(entry) for entry in _tessera_entries(folder, size)]
        assert b"".join(leaves) == (folder / f"tile/0/000.p/{size}").read_bytes()
        head = parse_checkpoint(parse_note((folder / f"checkpoint.{size}").read_text()).text)
        assert (head.size, head.root) == (size, merkle.root(leaves))


def test_every_proof_over_another_log_verifies_against_its_heads() -> None:
    folder = corpus.path("vectors/tlog-tiles")
    leaves = [leaf_hash(entry) for entry in _tessera_entries(folder, 15)]
    read = merkle.reader_of(leaves)
    roots = [
        parse_checkpoint(parse_note((folder / f"checkpoint.{n}").read_text()).text).root for n in range(16)
    ]
    for size in range(1, 16):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, read)
            merkle.verify_inclusion(leaves[index], index, size, proof, roots[size])
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, read)
            merkle.verify_consistency(old, roots[old], size, roots[size], proof)


def test_roots_are_those_of_the_definition() -> None:
    frontier = merkle.Frontier()
    for size in range(len(LEAVES) + 1):
        assert (
            frontier.root()
            == merkle.root(LEAVES[:size])
            == merkle.root_at(size, READ)
            == definition(LEAVES[:size])
        )
        if size < len(LEAVES):
            frontier.append(LEAVES[size])


def test_every_proof_of_small_logs_verifies() -> None:
    for size in range(1, len(LEAVES) + 1):
        root = definition(LEAVES[:size])
        for index in range(size):
            merkle.verify_inclusion(
                LEAVES[index], index, size, merkle.inclusion_proof(index, size, READ), root
            )
            old = definition(LEAVES[: index + 1])
            merkle.verify_consistency(
                index + 1, old, size, root, merkle.consistency_proof(index + 1, size, READ)
            )


@given(st.integers(1, 70), st.data())
def test_an_inclusion_proof_holds_for_one_place_in_one_log_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index)) if size > 1 else size
    proof = merkle.inclusion_proof(index, size, READ)
    root = definition(LEAVES[:size])
    with pytest.raises(InclusionError):
        merkle.verify_inclusion(LEAVES[index], other, size, proof, root)
    with pytest.raises(InclusionError):
        merkle.verify_inclusion(LEAVES[index][::-1], index, size, proof, root)
    for wrong in ([*proof, root], proof[:-1] if proof else [root], [bytes(32), *proof]):
        with pytest.raises(InclusionError):
            merkle.verify_inclusion(LEAVES[index], index, size, wrong, root)


@given(st.integers(2, 70), st.data())
def test_a_changed_consistency_proof_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_proof(old, new, READ)
    old_root, new_root = definition(LEAVES[:old]), definition(LEAVES[:new])
    place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[place], "big") ^ (1 << bit)).to_bytes(32, "big")
    for wrong in ([*proof[:place], flipped, *proof[place + 1 :]], proof[:-1], [*proof, new_root], []):
        with pytest.raises(ConsistencyError):
            merkle.verify_consistency(old, old_root, new, new_root, wrong)


def test_a_log_with_one_changed_entry_is_not_consistent_with_the_true_one() -> None:
    forged = [*LEAVES[:30], leaf_hash(b"forged"), *LEAVES[31:]]
    proof = merkle.consistency_proof(40, 70, merkle.reader_of(forged))
    with pytest.raises(ConsistencyError):
        merkle.verify_consistency(40, definition(LEAVES[:40]), 70, definition(forged), proof)


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33), bytes(64)])
def test_hashes_of_another_length_are_refused(wrong: bytes) -> None:
    root, leaf = definition(LEAVES[:2]), LEAVES[0]
    for arguments in (
        (wrong, 0, 2, [LEAVES[1]], root),
        (leaf, 0, 2, [wrong], root),
        (leaf, 0, 2, [LEAVES[1]], wrong),
    ):
        with pytest.raises(InclusionError, match="wrong length"):
            merkle.verify_inclusion(*arguments)
    for old, new, proof in (
        (wrong, root, [root]),
        (root, wrong, [root]),
        (root, root, [wrong]),
        (wrong, wrong, []),
    ):
        with pytest.raises(ConsistencyError, match="wrong length"):
            merkle.verify_consistency(2, old, 2, new, proof)


def test_consistency_from_an_empty_log_is_an_error() -> None:
    root = definition(LEAVES[:5])
    for old, new in ((0, 5), (0, 0), (-1, 5), (6, 5), (5, 2**63)):
        with pytest.raises(ConsistencyError):
            merkle.verify_consistency(old, merkle.EMPTY_ROOT, new, root, [])
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_proof(0, 5, READ)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, 2**63)])
def test_a_place_outside_the_log_is_refused(index: int, size: int) -> None:
    with pytest.raises(InclusionError):
        merkle.verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])


def test_a_proof_of_what_is_not_in_the_log_is_not_made() -> None:
    with pytest.raises(ValueError, match="leaf 5"):
        merkle.inclusion_proof(5, 5, READ)
    with pytest.raises(ValueError, match="size of a log"):
        merkle.root_at(-1, READ)
    with pytest.raises(MalformedError):
        merkle.Frontier().append(b"an entry, not its hash")


@given(st.integers(0, 70))
def test_a_frontier_is_read_back_and_goes_on(size: int) -> None:
    frontier = merkle.Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert len(frontier.serialise()) == 32 * size.bit_count()
    again = merkle.Frontier.parse(size, frontier.serialise())
    again.append(LEAVES[0])
    assert again.root() == definition([*LEAVES[:size], LEAVES[0]])


@pytest.mark.parametrize(
    ("size", "data"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (3, bytes(63)), (-1, b"")]
)
def test_a_damaged_frontier_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(MalformedError):
        merkle.Frontier.parse(size, data)


def test_an_appended_leaf_tells_which_subtrees_it_completes() -> None:
    frontier = merkle.Frontier()
    completed = [frontier.append(leaf) for leaf in LEAVES[:8]][-1]
    assert completed == [
        (0, 7, LEAVES[7]),
        (1, 3, definition(LEAVES[6:8])),
        (2, 1, definition(LEAVES[4:8])),
        (3, 0, definition(LEAVES[:8])),
    ]
