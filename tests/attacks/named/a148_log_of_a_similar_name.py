"""The log of a thief has a name that looks the same on paper."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import NoteSigner, sign_note
from custody.proof.signatures import Algorithm, SigningKey
from tests.attacks.named import Attempt, show
from tests.proof.world import ORIGIN, story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    policy, name = world.policy, ORIGIN.replace("e", "\N{CYRILLIC SMALL LETTER IE}", 1)
    thief = NoteSigner(name, SigningKey.generate(Algorithm.ED25519))
    note = sign_note(replace(world.checkpoint, origin=name).text(), [thief])
    return show(world, C.CHECKPOINT_ORIGIN, parts=replace(world.parts(), checkpoint=note), policy=policy)
