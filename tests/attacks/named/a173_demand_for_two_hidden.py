"""It is left out that two administrators must enrol a key, and one has enrolled it."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from custody.proof.records import Role
from tests.attacks.named import Attempt, show
from tests.proof.world import Person, T, story, without

THREAT = 22
WHO = "administrator of people and keys, with the administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    world.enrol(Person.make("Second Administrator", Role.ADMINISTRATOR))
    demanded = world.demand(2)
    planted = Person.make("Planted", Role.EXAMINER)
    world.enrol(planted)
    world.record(T.NOTE, planted, told.item)
    world.publish()
    parts = without(world.parts(), demanded)
    parts = replace(parts, maps=tuple(part for part in parts.maps if part.ns != Namespace.POLICY))
    return show(world, C.POLICY_HISTORY_MISSING, parts=parts)
