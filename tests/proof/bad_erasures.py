"""Bad bundles for what is erased: withheld by an order, and withheld without one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from custody.proof import bundle
from custody.proof.bundle import WithheldPart
from custody.proof.findings import FindingCode
from custody.proof.verdict import Verdict
from custody.proof.verify import verify_bundle
from tests.proof.world import story, without

_C = FindingCode


def _erased(ordered: bool) -> Verdict:
    """Withhold the bytes of a transfer's acceptance, with or without an order to erase them."""
    told = story()
    indices = [told.accept] if ordered else [told.offer]
    order = told.world.erase(told.world.sara, *indices)
    told.world.publish()
    parts = without(told.world.parts(), told.accept)
    hidden = WithheldPart(told.accept, told.world.leaf(told.accept), order, told.world.inclusion(told.accept))
    entries = tuple(sorted((*parts.entries, hidden), key=lambda part: part.index))
    return verify_bundle(bundle.build(replace(parts, entries=entries)), policy=told.world.policy)


BAD_ERASURES: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.ENTRY_WITHHELD: lambda folder: _erased(ordered=True),
    _C.WITHHELD_WITHOUT_ORDER: lambda folder: _erased(ordered=False),
    _C.CHAIN_NOT_FOLLOWED: lambda folder: _erased(ordered=True),
}
