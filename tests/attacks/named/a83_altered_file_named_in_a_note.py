"""A custodian notes the hash of an altered file, so that the log knows it."""

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from custody.proof.verify_statements import EvidenceFile
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 30
WHO = "custodian"


def attempt() -> Attempt:
    told = story()
    world = told.world

    altered = digests.sha256(b"altered").hex()
    world.record(T.NOTE, world.otto, told.item, claims={"sha256": altered})
    world.publish()
    return show(world, C.EVIDENCE_MISMATCH, evidence=(EvidenceFile("disk.img", altered),))
