"""A forked report claims, without a proof, that its signers saw the honest head.

The two reports prove too little about each other; that is what has to be said, and not that they agree.
"""

from dataclasses import replace

from custody.proof import bundle, records
from custody.proof.bundle import SeenPart
from custody.proof.findings import FindingCode as C
from custody.proof.verdict import Outcome
from tests.attacks.named import Attempt
from tests.proof.world import T, story

THREAT = 26
WHO = "thief of the log's key"


def attempt() -> Attempt:
    told = story()
    world = told.world

    common = world.checkpoint.size
    world.record(T.CASE_ASSIGN, world.sara, claims={"to": "Otto Officer"})
    world.publish()
    honest, head = world.bundle(told.item), world.checkpoint
    other = world.fork(common)
    for _ in range(40):
        other.record(T.CASE_ASSIGN, other.sara, seen=records.NOTHING_SEEN)
    other.publish()
    kept = {0, other.checkpoint.size - 1}
    thin = replace(
        other.parts(),
        entries=tuple(part for part in other.parts().entries if part.index in kept),
        maps=(),
        openings=(),
        seen=(SeenPart(head.size, head.root, ()),),
    )
    return Attempt(
        honest, (C.OTHER_NOT_COMPARED,), world.policy, other=bundle.build(thin), outcome=Outcome.WITH_REMARKS
    )
