"""A thief and the keeper of the log enter a record that states a time before the theft.

The key is known to have been in other hands. Nothing in the bundle is later than the theft and before the
record, so only the lack of anybody who vouches for its age tells.
"""

from datetime import timedelta

from custody.proof.findings import FindingCode as C
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 22
WHO = "thief of a custodian's key and administrator of the server together"


def attempt() -> Attempt:
    told = story()
    world = told.world

    since = world.now + timedelta(hours=1)
    stated, world.now = world.now, since + timedelta(days=1)
    world.record(T.NOTE, world.otto, told.item, time=stated)
    world.suspect(world.otto, since)
    world.publish()
    return show(world, C.KEY_SUSPECT, parts=world.parts(told.item), outcome=Outcome.WITH_REMARKS)
