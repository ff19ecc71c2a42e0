"""The cosignature of another log's head, of the same size and root, is put under this one."""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.note_keys import add_signatures
from custody.proof.signatures import Algorithm
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import story

THREAT = 28
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    court = publishing.cosigner(algorithm=Algorithm.ML_DSA_44)
    elsewhere = replace(world.checkpoint, origin="elsewhere.test/log").text()
    note = add_signatures(world.note, [court.signature(elsewhere, publishing.MORNING)])
    parts = replace(world.parts(), checkpoint=note)
    return show(world, C.WITNESS_SIGNATURE, parts=parts, policy=publishing.asking_for(world, court))
