"""Makes proofs against the newest checkpoint in a process of its own, checks them, and prints how long they took.

    python -m tests.bench.prover ITEM…      the environment names the database

Prints one JSON object: milliseconds by kind of proof, and the most memory the process held, at first and in all, in
MiB. Checking is not timed: that is the reader's work. Each proof is made as the first of its process would be,
with nothing remembered from the one before.
"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import django

from tests.bench import figures

PROOFS = 2_000
SEED = 2
Made = TypeVar("Made")


def main(items: list[str]) -> None:
    """Measure all kinds."""
    django.setup()
    started = figures.peak_mib()
    draw = random.Random(SEED)
    told: dict[str, object] = {
        "inclusion_proof": _told(inclusions(draw)),
        "consistency_proof": _told(consistencies(draw)),
        "map_proof": _told(of_map(draw, items)),
        "started_mib": started,
        "peak_mib": figures.peak_mib(),
    }
    print(json.dumps(told))


def inclusions(draw: random.Random) -> Iterator[float]:
    """Prove entries drawn from the whole log."""
    from custody.ledger.tree import block_reader
    from custody.proof import merkle

    size, root = _checkpoint()
    for _ in range(PROOFS):
        index = draw.randrange(size)
        proof, took = _timed(partial(merkle.inclusion_proof, index, size, block_reader()))
        merkle.verify_inclusion(_leaf(index), index, size, proof, root)
        yield took


def consistencies(draw: random.Random) -> Iterator[float]:
    """Prove heads that a signer may have seen; their roots come from the same tables."""
    from custody.ledger.tree import block_reader
    from custody.proof import merkle

    size, root = _checkpoint()
    for _ in range(PROOFS):
        old = draw.randrange(1, size)
        proof, took = _timed(partial(merkle.consistency_proof, old, size, block_reader()))
        merkle.verify_consistency(old, merkle.root_at(old, block_reader()), size, root, proof)
        yield took


def of_map(draw: random.Random, items: Sequence[str]) -> Iterator[float]:
    """Prove what the map says about exhibits; one in five is not there, which has to be proven too."""
    from custody.ledger.map_store import prefix_map
    from custody.ledger.models import Entry
    from custody.proof import envelope, records
    from custody.proof import prefix_map as maps

    size, _ = _checkpoint()
    last = envelope.parse_entry(bytes(Entry.objects.get(pk=size - 1).data or b""))
    root = records.parse_map_head(last.payload).root
    for number in range(PROOFS):
        there = number % 5 != 0
        item = draw.choice(items) if there else str(uuid.UUID(int=draw.getrandbits(128)))
        key = maps.mapkey(maps.Namespace.ITEM, item)
        proof, took = _timed(partial(prefix_map().prove, key))
        count, _ = maps.verify_proof(key, proof, root)
        if (count > 0) != there:
            raise AssertionError(f"the map proves {count} entries about {item}")
        yield took


def _checkpoint() -> tuple[int, bytes]:
    from custody.ledger.publish import newest

    found = newest()
    if found is None:
        raise LookupError("the log has no checkpoint")
    return found.size, bytes(found.root)


def _leaf(index: int) -> bytes:
    from custody.ledger.history import leaf_of

    return leaf_of(index)


def _timed(make: Callable[[], Made]) -> tuple[Made, float]:
    started = time.perf_counter()
    made = make()
    return made, 1e3 * (time.perf_counter() - started)


def _told(took: Iterator[float]) -> dict[str, float]:
    times = list(took)
    return {"p50": figures.percentile(times, 0.5), "p99": figures.percentile(times, 0.99)}


if __name__ == "__main__":
    main(sys.argv[1:])
