"""Bad bundles for heads that too few, or the wrong ones, have cosigned."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from custody.proof import bundle
from custody.proof.findings import FindingCode
from custody.proof.note_keys import Cosigner, add_signatures
from custody.proof.policy import Witness
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.verdict import Verdict
from custody.proof.verify import verify_bundle
from tests.proof.world import ORIGIN, story

_C = FindingCode
STORY = story()
WORLD = STORY.world
COURT = Cosigner("court.test/witness", SigningKey.generate(Algorithm.ED25519))
OWN = Cosigner(ORIGIN, SigningKey.generate(Algorithm.ML_DSA_44))
MORNING = 1_772_442_000


def witnessed(quorum: str, *cosigners: Cosigner, over: str = "") -> Verdict:
    """Judge an honest bundle whose head bears these cosignatures, under a policy that names both keys."""
    keys = (Witness("court", COURT.public), Witness("log-ml-dsa-44", OWN.public))
    policy = replace(WORLD.policy, witnesses=keys, quorum=quorum)
    text = over or WORLD.checkpoint.text()
    note = add_signatures(WORLD.note, [one.signature(text, MORNING) for one in cosigners])
    return verify_bundle(bundle.build(replace(WORLD.parts(), checkpoint=note)), policy=policy)


BAD_HEADS: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.WITNESS_SIGNATURE: lambda folder: witnessed(
        "court", COURT, OWN, over=replace(WORLD.checkpoint, size=5).text()
    ),
    _C.WITNESS_QUORUM: lambda folder: witnessed("court", OWN),
    _C.WITNESSES_SILENT: lambda folder: witnessed("none", OWN),
    _C.NO_WITNESS: lambda folder: verify_bundle(WORLD.bundle(), policy=WORLD.policy),
    _C.POST_QUANTUM_MISSING: lambda folder: witnessed("none", COURT),
}
