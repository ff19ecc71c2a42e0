"""An entry claims a place beyond every log, where some readers round."""

from typing import Any

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging
from tests.proof.world import story

THREAT = 18
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    def far(value: dict[str, Any]) -> None:
        value["entries"][-1]["index"] = 2**53 - 1

    return Attempt(
        forging.rewritten(world.bundle(), far), (C.ENTRY_NOT_INCLUDED, C.MAP_HEAD_MISSING), world.policy
    )
