"""The proof about one exhibit is shown as that about another."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    parts = world.parts(told.second)
    renamed = tuple(
        replace(one, id=str(told.item)) if one.ns is Namespace.ITEM else one for one in parts.maps
    )
    return show(
        world, C.MAP_PROOF_INVALID, parts=replace(parts, maps=renamed), scope=Scope(Namespace.ITEM, told.item)
    )
