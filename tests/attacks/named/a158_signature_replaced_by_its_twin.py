"""A custodian's signature in the report is replaced by its twin, which verifies as well."""

from dataclasses import replace

from custody.proof import envelope
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    opened = envelope.parse_entry(world.entries[told.offer])
    twins = [replace(one, sig=forging.twin(one.sig)) for one in opened.signatures]
    false = envelope.seal(opened.payload, twins)
    parts = forging.with_part(world.parts(), told.offer, lambda part: replace(part, entry=false))
    return show(world, C.ENTRY_NOT_INCLUDED, parts=parts)
