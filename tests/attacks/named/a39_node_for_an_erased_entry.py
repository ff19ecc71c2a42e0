"""The hash of two entries together is shown as the leaf of one erased entry."""

from custody.proof import digests
from custody.proof.bundle import WithheldPart
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story, without

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    index = told.accept - told.accept % 2
    order = world.erase(world.sara, index, index + 1)
    world.publish()
    node = digests.node_hash(world.leaf(index), world.leaf(index + 1))
    hidden = WithheldPart(index, node, order, world.inclusion(index)[1:])
    parts = forging.with_entries(without(world.parts(), index, index + 1), hidden)
    return show(world, C.ENTRY_NOT_INCLUDED, C.ENTRIES_MISSING, parts=parts)
