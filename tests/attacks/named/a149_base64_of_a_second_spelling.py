"""The bits behind the last byte of a hash are set, which many decoders ignore."""

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

    def spell(value: dict[str, Any]) -> None:
        salt = value["openings"][0]["salt"]
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        value["openings"][0]["salt"] = salt[:-2] + last[last.index(salt[-2]) + 1] + "="

    return Attempt(forging.rewritten(world.bundle(), spell), (C.BUNDLE_MALFORMED,), world.policy)
