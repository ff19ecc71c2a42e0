"""It is claimed that the log holds nothing about an exhibit."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import MapProof, Namespace
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof.world import story, without

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = without(world.parts(told.item), *world.indices((Namespace.ITEM, str(told.item))))
    first, *rest = parts.maps
    absent = replace(first, proof=MapProof(first.proof.siblings, None))
    return show(
        world,
        C.MAP_PROOF_INVALID,
        parts=replace(parts, maps=(absent, *rest)),
        scope=Scope(Namespace.ITEM, told.item),
    )
