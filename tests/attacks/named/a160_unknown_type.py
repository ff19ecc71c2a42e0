"""A record has a type that this format does not know, and that a later reader might obey."""

import json
from typing import Any

from custody.proof import canonical, digests
from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    def unknown(value: dict[str, Any]) -> None:
        part = value["entries"][-2]
        entry = json.loads(part["data"])
        record = json.loads(digests.unb64(entry["payload"]))
        record["type"] = "item.destroy"
        entry["payload"] = digests.b64(canonical.dumps(record))
        part["data"] = canonical.dumps(entry).decode()

    return Attempt(forging.rewritten(world.bundle(), unknown), (C.ENTRY_MALFORMED,), world.policy)
