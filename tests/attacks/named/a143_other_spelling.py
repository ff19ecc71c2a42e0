"""The file is written with spaces, so that its bytes are others and its facts the same."""

import json

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    data = json.dumps(json.loads(world.bundle()), indent=1).encode()
    return Attempt(data, (C.BUNDLE_MALFORMED,), world.policy)
