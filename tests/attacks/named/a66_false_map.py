"""The log signs a map that hides the newest event, and a witness is asked to cosign it.

A report alone cannot show that a signed map is false. The witness recomputes it and does not cosign, so the
head lacks the witness whom the reader's policy asks for.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from custody.proof import records
from custody.proof.findings import FindingCode as C
from custody.proof.mirror.errors import RefusedError
from custody.proof.note_keys import add_signatures
from custody.proof.prefix_map import PrefixMap, mapkey
from tests.attacks.named import Attempt, show
from tests.proof import published as publishing
from tests.proof.world import ORIGIN, story, without
from tests.proof.world import sealed as sign_entry

THREAT = 27
WHO = "administrator of the server"


def attempt() -> Attempt:
    told = story()
    world = told.world

    court = publishing.cosigner()
    policy = publishing.asking_for(world, court)
    newest = len(world.entries) - 2
    about = [(mapkey(*one), index) for index in range(newest) for one in world.about(index)]
    world.map = PrefixMap()
    false = records.build_map_head(log=ORIGIN, size=len(world.entries), root=world.map.add(about))
    world.append(sign_entry(false, (world.log_key,), records.MAP_HEAD_PAYLOAD_TYPE))
    world.sign_head()
    parts = without(world.parts(), newest)
    given = []
    with tempfile.TemporaryDirectory() as folder:
        log = publishing.export(world, Path(folder) / "log")
        witness = publishing.witness(world, Path(folder) / "state", log, keys=[court])
        try:
            given += witness.follow(world.note)
        except RefusedError:
            parts = replace(parts, checkpoint=add_signatures(world.note, given))
    return show(world, C.WITNESS_QUORUM, parts=parts, policy=policy)
