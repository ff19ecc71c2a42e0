"""A key is enrolled under which one signature fits every statement."""

import json
from typing import Any

from custody.proof import canonical, digests
from custody.proof.findings import FindingCode as C
from custody.proof.prefix_map import Namespace
from tests.attacks.named import Attempt
from tests.proof import forging
from tests.proof.world import story

THREAT = 22
WHO = "custodian who wants to deny"


def attempt() -> Attempt:
    told = story()
    world = told.world

    spki = bytes.fromhex("302a300506032b6570032100") + (1).to_bytes(32, "little")
    index = min(world.indices((Namespace.KEYCTL, world.ana.key.keyid)))

    def small(record: dict[str, Any]) -> None:
        record["key"].update(alg="Ed25519", spki=digests.b64(spki), keyid=digests.keyid(spki))

    def weaken(value: dict[str, Any]) -> None:
        (part,) = (one for one in value["entries"] if one["index"] == index)
        entry = json.loads(part["data"])
        record = json.loads(digests.unb64(entry["payload"]))
        small(record)
        entry["payload"] = digests.b64(canonical.dumps(record))
        part["data"] = canonical.dumps(entry).decode()

    return Attempt(forging.rewritten(world.bundle(), weaken), (C.ENTRY_MALFORMED,), world.policy)
