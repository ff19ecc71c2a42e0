"""A record states a day before the entries that lie before it."""

from datetime import timedelta

from custody.proof import records
from custody.proof.findings import FindingCode as C
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 23
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.record(T.CASE_ASSIGN, world.sara, time=world.now - timedelta(days=30), seen=records.NOTHING_SEEN)
    world.publish()
    return show(world, C.TIME_BACKWARDS, outcome=Outcome.WITH_REMARKS)
