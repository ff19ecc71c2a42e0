"""Offer and acceptance keep their places in the file and exchange their numbers."""

from typing import Any

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging
from tests.proof.world import story

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    told = story()
    world = told.world

    def swap(value: dict[str, Any]) -> None:
        one, two = (part for part in value["entries"] if part["index"] in (told.offer, told.accept))
        one["data"], two["data"] = two["data"], one["data"]

    return Attempt(
        forging.rewritten(world.bundle(), swap), (C.ENTRY_NOT_INCLUDED, C.CHAIN_BROKEN), world.policy
    )
