"""A thief with two keys of one person has the one vouch for the other."""

from dataclasses import replace
from datetime import timedelta

from custody.proof.findings import FindingCode as C
from custody.proof.signatures import SigningKey
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 22
WHO = "thief of a custodian's key and administrator of the server together"


def attempt() -> Attempt:
    told = story()
    world = told.world

    second = replace(world.otto, key=SigningKey.generate())
    world.enrol(second)
    world.publish()
    since = world.now + timedelta(hours=1)
    stated, world.now = world.now, since + timedelta(days=1)
    world.record(T.NOTE, world.otto, told.item, time=stated)
    world.publish()
    world.record(T.NOTE, second, told.item, time=stated)
    world.suspect(world.otto, since)
    world.publish()
    return show(world, C.KEY_SUSPECT, parts=world.parts(told.item), outcome=Outcome.WITH_REMARKS)
