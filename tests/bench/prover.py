"""Makes proofs against the newest checkpoint in a process of its own, checks them, and prints how long they took.

    python -m tests.bench.prover ITEM…      the environment names the database

Prints one JSON object: milliseconds by kind of proof, and the most memory the process ever held in MiB.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from collections.abc import Callable, Iterable

import django

from tests.bench import figures

PROOFS = 2_000


def main(items: list[str]) -> None:
    django.setup()
    started = figures.peak_mib()
    from custody.ledger.map_store import prefix_map
    from custody.ledger.models import Entry
    from custody.ledger.publish import newest
    from custody.ledger.tree import block_reader
    from custody.proof import envelope, merkle, records
    from custody.proof import prefix_map as maps

    checkpoint = newest()
    assert checkpoint is not None
    size, root = checkpoint.size, bytes(checkpoint.root)
    last = envelope.parse_entry(bytes(Entry.objects.get(pk=size - 1).data or b""))
    map_root = records.parse_map_head(last.payload).root
    draw = random.Random(2)
    places = [draw.randrange(1, size) for _ in range(PROOFS)]
    leaves = {
        place: bytes(Entry.objects.values_list("leaf_hash", flat=True).get(pk=place)) for place in places
    }

    def inclusion(place: int) -> None:
        proof = merkle.inclusion_proof(place, size, block_reader())
        proved(lambda: merkle.verify_inclusion(leaves[place], place, size, proof, root))

    def consistency(old: int) -> None:
        merkle.consistency_proof(old, size, block_reader())

    def of_map(item: str) -> None:
        key = maps.mapkey(maps.Namespace.ITEM, item)
        proof = prefix_map().prove(key)
        proved(lambda: maps.verify_proof(key, proof, map_root))

    checking = [0.0]

    def proved(check: Callable[[], object]) -> None:
        checking[0] += figures.seconds(check)

    def measured(prove: Callable[..., None], about: Iterable[object]) -> dict[str, float]:
        took = []
        for one in about:
            checking[0] = 0.0
            took.append(1e3 * (figures.seconds(lambda one=one: prove(one)) - checking[0]))
        return {"p50": figures.percentile(took, 0.5), "p99": figures.percentile(took, 0.99)}

    # One in five is not in the log: that, too, has to be proven.
    wanted = [*items, *(str(uuid.UUID(int=draw.getrandbits(128))) for _ in range(len(items) // 4))]
    told = {
        "inclusion_proof": measured(inclusion, places),
        "consistency_proof": measured(consistency, places),
        "map_proof": measured(of_map, wanted * (PROOFS // len(wanted) + 1)),
        "started_mib": started,
        "peak_mib": figures.peak_mib(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
