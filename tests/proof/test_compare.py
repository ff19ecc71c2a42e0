"""Two proofs of one log: consistent, a fork, or too little to tell."""

from dataclasses import replace

import pytest

from custody.proof import merkle
from custody.proof.bundle import BundleParts
from custody.proof.checkpoint import Checkpoint
from custody.proof.compare import Proven, Relation, relation
from custody.proof.digests import sha256
from custody.proof.reading import LogEntry, Reading, WithheldEntry


def log(name: str, size: int) -> list[bytes]:
    return [sha256(f"{name} {index}".encode()) for index in range(size)]


def proven(leaves: list[bytes], *indices: int) -> Proven:
    """A bundle that has passed steps 1 to 3, with nothing but the places of some leaves in it."""
    reader, size = merkle.reader_of(leaves), len(leaves)
    entries: list[LogEntry] = [
        WithheldEntry(i, leaves[i], tuple(merkle.inclusion_proof(i, size, reader)), size) for i in indices
    ]
    parts = BundleParts(checkpoint="", entries=(), maps=())
    return Proven(Reading(parts, tuple(entries)), Checkpoint("log", size, merkle.root(leaves)))


@pytest.mark.parametrize("small", range(1, 18))
@pytest.mark.parametrize("large", [18, 21, 31, 32, 33])
def test_a_log_that_grew_is_consistent_with_itself(small: int, large: int) -> None:
    leaves = log("a", large)
    old, new = proven(leaves[:small], 0, small - 1), proven(leaves, 0, small - 1, large - 1)
    assert relation(old, new) is relation(new, old) is Relation.CONSISTENT


@pytest.mark.parametrize("size", [5, 8, 13])
def test_two_roots_of_one_size_are_a_fork(size: int) -> None:
    honest, other = log("a", size), [*log("a", size - 1), sha256(b"other")]
    assert relation(proven(honest, 0), proven(other, 0)) is Relation.FORK
    assert relation(proven(honest, 0), proven(honest, 1)) is Relation.CONSISTENT


@pytest.mark.parametrize("changed", range(11))
def test_a_changed_entry_is_a_fork_whatever_comes_after(changed: int) -> None:
    honest = log("a", 11)
    other = [*honest[:changed], sha256(b"changed"), *honest[changed + 1 :], *log("b", 9)]
    assert relation(proven(honest, 0, 10), proven(other, 10, 19)) is Relation.FORK


def test_logs_that_prove_nothing_in_common_cannot_be_compared() -> None:
    leaves = log("a", 40)
    assert relation(proven(leaves[:11], 0), proven(leaves, 39)) is Relation.UNKNOWN


def test_an_empty_log_is_the_beginning_of_every_log() -> None:
    assert relation(proven([]), proven(log("a", 5), 0)) is Relation.CONSISTENT


def test_a_head_that_a_signer_saw_tells_as_much_as_a_proof() -> None:
    from custody.proof.bundle import SeenPart

    leaves = log("a", 40)
    new = proven(leaves, 39)
    for leaf, expected in ((leaves[10], Relation.CONSISTENT), (sha256(b"other"), Relation.FORK)):
        old = proven([*leaves[:10], leaf], 0)
        proof = tuple(merkle.consistency_proof(11, 40, merkle.reader_of(leaves)))
        seen = SeenPart(11, merkle.root(leaves[:11]), proof)
        reading = replace(new.reading, parts=replace(new.reading.parts, seen=(seen,)))
        assert relation(old, replace(new, reading=reading)) is expected
