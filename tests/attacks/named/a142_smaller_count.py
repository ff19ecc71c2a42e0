"""The proof about an exhibit is made to count one entry less."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Leaf, MapProof, Namespace, accumulate_all, mapkey
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = without(world.parts(told.item), told.approve + 1)
    first, *rest = parts.maps
    indices = sorted(world.indices((Namespace.ITEM, str(told.item))))[:-1]
    lie = Leaf(mapkey(Namespace.ITEM, str(told.item)), *accumulate_all(indices))
    forged = replace(first, proof=MapProof(first.proof.siblings, lie))
    return show(world, C.MAP_PROOF_INVALID, parts=replace(parts, maps=(forged, *rest)))
