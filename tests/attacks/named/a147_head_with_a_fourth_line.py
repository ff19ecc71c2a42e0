"""The head has a fourth line that some readers obey and others do not, signed by the log."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import sign_note
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 18
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    note = sign_note(world.checkpoint.text() + "valid until 2099\n", [world.signer])
    return show(world, C.CHECKPOINT_MALFORMED, parts=replace(world.parts(), checkpoint=note))
