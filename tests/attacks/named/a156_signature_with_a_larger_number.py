"""The log's Ed25519 signature is written with a number larger by the group's order."""

from dataclasses import replace

from custody.proof.checkpoint import parse_note
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, show
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    (signed,) = parse_note(world.note).signatures
    larger = int.from_bytes(signed.sig[32:], "little") + forging.ED25519_ORDER
    other = replace(signed, sig=signed.sig[:32] + larger.to_bytes(32, "little"))
    parts = replace(world.parts(), checkpoint=f"{world.checkpoint.text()}\n{other.line()}")
    return show(world, C.CHECKPOINT_SIGNATURE, parts=parts)
