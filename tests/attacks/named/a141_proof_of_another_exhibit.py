"""The proof about one exhibit is shown as that about another."""

from dataclasses import replace
from uuid import UUID

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace, mapkey
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 3
WHO = "administrator of the server"


def upper_half(item: UUID) -> bool:
    """Tell in which half of the map an exhibit lies."""
    return mapkey(Namespace.ITEM, str(item))[0] > 127


def attempt() -> Attempt:
    told = story()
    world = told.world
    while upper_half(told.item) == upper_half(
        told.second
    ):  # or the sentence would be another one now and then
        told = story()
        world = told.world
    parts = world.parts(told.second)
    renamed = tuple(
        replace(one, id=str(told.item)) if one.ns is Namespace.ITEM else one for one in parts.maps
    )
    return show(
        world, C.MAP_PROOF_INVALID, parts=replace(parts, maps=renamed), scope=Scope(Namespace.ITEM, told.item)
    )
