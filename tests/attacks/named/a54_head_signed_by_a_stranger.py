"""A stranger signs a head over a log with an entry more."""

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import NoteSigner
from custody.proof.signatures import Algorithm, SigningKey
from tests.attacks.named import Attempt, show
from tests.proof.world import ORIGIN, T, story

THREAT = 1
WHO = "administrator of the database"


def attempt() -> Attempt:
    told = story()
    world = told.world

    policy = world.policy
    world.record(T.NOTE, world.otto, told.item)
    world.log_key = SigningKey.generate(Algorithm.ED25519)
    world.signer = NoteSigner(ORIGIN, world.log_key)
    world.publish()
    return show(world, C.CHECKPOINT_SIGNATURE, C.MAP_HEAD_SIGNATURE, policy=policy)
