"""A file of evidence is altered and handed over with the report."""

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from custody.proof.verify_statements import EvidenceFile
from tests.attacks.named import Attempt, show
from tests.proof.world import story

THREAT = 11
WHO = "whoever hands the file over"


def attempt() -> Attempt:
    told = story()
    world = told.world

    file = EvidenceFile("disk.img", digests.sha256(b"altered").hex())
    return show(world, C.EVIDENCE_MISMATCH, evidence=(file,))
