"""The list of what belongs to each exhibit is signed by a stranger."""

from custody.proof.findings import FindingCode as C
from custody.proof.signatures import Algorithm, SigningKey
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 3
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.publish(key=SigningKey.generate(Algorithm.ED25519))
    return show(world, C.MAP_HEAD_SIGNATURE)
