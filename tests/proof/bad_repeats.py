"""Bad bundles for what only a colluding keeper of the log can do: repeat a record, let a third person accept."""

from collections.abc import Callable, Mapping
from pathlib import Path

from custody.proof.findings import FindingCode
from custody.proof.verdict import Verdict
from custody.proof.verify import verify_bundle
from tests.proof.world import T, story

_C = FindingCode


def _granted_again(folder: Path) -> Verdict:
    world = story().world
    granted = world.record(T.DISCLOSURE_GRANT, world.sara, claims={"to": "defence"})
    world.record(T.DISCLOSURE_REVOKE, world.sara, claims={"to": "defence"})
    world.append(world.entries[granted])
    world.publish()
    return verify_bundle(world.bundle(), policy=world.policy)


def _third_person_accepts(folder: Path) -> Verdict:
    told = story()
    world = told.world
    offer = world.record(
        T.TRANSFER_OFFER, world.ana, told.second, claims={"taker": {"person": str(world.otto.id)}}
    )
    world.record(T.TRANSFER_ACCEPT, world.eve, told.second, refs=[offer])
    world.publish()
    return verify_bundle(world.bundle(), policy=world.policy)


BAD: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.ENTRY_REPEATED: _granted_again,
    _C.TAKER_NOT_NAMED: _third_person_accepts,
}
