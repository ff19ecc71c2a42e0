"""A custodian's signature is written with a zero more in front of its number."""

from dataclasses import replace

from custody.proof import envelope
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt, published
from tests.proof.world import T, story

THREAT = 18
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    index = world.record(T.NOTE, world.otto, told.item)
    opened = envelope.parse_entry(world.entries[index])
    (true,) = opened.signatures
    length, r, rest = true.sig[1], true.sig[4 : 4 + true.sig[3]], true.sig[4 + true.sig[3] :]
    lax = bytes([0x30, length + 1, 0x02, len(r) + 1, 0]) + r + rest
    world.entries[index] = envelope.seal(opened.payload, [replace(true, sig=lax)])
    return published(world, C.SIGNATURE_INVALID)
