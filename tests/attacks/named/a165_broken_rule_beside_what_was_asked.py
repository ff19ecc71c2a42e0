"""The report of a case breaks the rules at an exhibit that the reader did not ask for."""

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.verify_log import Scope
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 30
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.TRANSFER_OFFER, world.eve, told.second)
    world.publish()
    return show(world, C.CHAIN_RULE, scope=Scope(Namespace.ITEM, told.item))
