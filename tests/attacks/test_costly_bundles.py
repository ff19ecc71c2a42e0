"""Bundles made to cost: much of one thing times much of another must not cost their product."""

import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from custody.proof import bundle
from custody.proof.bundle import WithheldPart
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.proof.world import T, story, without

ERASED, PROOFS = 250, 250
# It takes one second of a processor; reading the orders again for each proof would take many times that.
MOST_SECONDS = 15


def batched(notes: list[int]) -> Iterator[list[int]]:
    """As many at a time as one order has room for."""
    return (notes[at : at + 50] for at in range(0, len(notes), 50))


def test_many_erased_entries_and_many_proofs_do_not_cost_their_product() -> None:
    told = story()
    world = told.world
    notes = [world.record(T.NOTE, world.ana, told.second) for _ in range(ERASED)]
    order_of = {
        note: order for some in batched(notes) for order in [world.erase(world.sara, *some)] for note in some
    }
    world.publish()
    parts = without(world.parts(), *notes)
    hidden = [WithheldPart(note, world.leaf(note), order_of[note], world.inclusion(note)) for note in notes]
    entries = tuple(sorted((*parts.entries, *hidden), key=lambda part: part.index))
    absent = tuple(world.map_part((Namespace.ITEM, str(uuid4()))) for _ in range(PROOFS))
    data = bundle.build(replace(parts, entries=entries, maps=(*parts.maps, *absent)))
    started = time.process_time()
    verdict = verify_bundle(data, policy=world.policy)
    assert verdict.outcome is Outcome.WITH_REMARKS
    assert time.process_time() - started < MOST_SECONDS
