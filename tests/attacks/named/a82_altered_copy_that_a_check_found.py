"""The altered copy is handed over whose hash a failed check of the store has recorded.

That a record names a hash does not make the file the one that was taken in.
"""

from custody.proof import digests
from custody.proof.findings import FindingCode as C
from custody.proof.verify_statements import EvidenceFile
from tests.attacks.named import Attempt, show
from tests.proof.world import T, story

THREAT = 30
WHO = "whoever hands the file over"


def attempt() -> Attempt:
    told = story()
    world = told.world

    altered = digests.sha256(b"altered").hex()
    world.record(T.FIXITY_CHECK, world.service, told.item, claims={"result": "mismatch", "sha256": altered})
    world.publish()
    return show(world, C.EVIDENCE_MISMATCH, evidence=(EvidenceFile("disk.img", altered),))
