"""Two heads of the log stand in one file."""

import json

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    note = json.dumps(world.note, ensure_ascii=False).encode()
    data = world.bundle().replace(b'{"anchors"', b'{"checkpoint":' + note + b',"anchors"', 1)
    return Attempt(data, (C.BUNDLE_MALFORMED,), world.policy)
