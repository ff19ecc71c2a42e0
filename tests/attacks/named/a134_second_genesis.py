"""A second first entry brings in keys that nobody enrolled."""

from dataclasses import replace
from typing import Any

from custody.proof.findings import FindingCode as C
from custody.proof.records import Role
from tests.attacks.named import Attempt, show
from tests.proof.world import Person, T, story

THREAT = 21
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    thief = Person.make("Thief", Role.ADMINISTRATOR)
    extra: dict[str, Any] = {"roots": [thief.enrolled().to_json()], "policy": "quorum none\n"}
    index = world.record(T.GENESIS, thief, extra=extra)
    world.sign_head()
    part = world.entry_part(index)
    parts = story().world.parts()
    return show(world, C.ENTRY_MALFORMED, parts=replace(parts, entries=(*parts.entries, part)))
