"""Bundles made to cost: much of one thing beside much of another must not cost their product."""

import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from custody.proof import bundle
from custody.proof.bundle import BundleParts, WithheldPart
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.proof.world import T, World, story, without

ERASED, PROOFS = 600, 1_200


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
    with_erased = replace(
        parts, entries=tuple(sorted((*parts.entries, *hidden), key=lambda part: part.index))
    )
    absent = tuple(world.map_part((Namespace.ITEM, str(uuid4()))) for _ in range(PROOFS))
    both = replace(with_erased, maps=(*parts.maps, *absent))
    plain = story().world
    only_proofs = replace(
        plain.parts(),
        maps=(*plain.parts().maps, *(plain.map_part((Namespace.ITEM, str(uuid4()))) for _ in range(PROOFS))),
    )
    alone = seconds(world, with_erased) + seconds(plain, only_proofs)
    assert seconds(world, both) < 2 * alone


def batched(notes: list[int]) -> Iterator[list[int]]:
    """As many at a time as one order has room for."""
    return (notes[at : at + 50] for at in range(0, len(notes), 50))


def seconds(world: World, parts: BundleParts) -> float:
    """How much of a processor's time the verification takes, at best of three times."""
    data, took = bundle.build(parts), []
    for _ in range(3):
        started = time.process_time()
        assert verify_bundle(data, policy=world.policy).outcome is not Outcome.NOT_VERIFIED
        took.append(time.process_time() - started)
    return min(took)
