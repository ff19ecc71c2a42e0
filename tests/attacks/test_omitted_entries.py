"""The server tells the truth but not all of it: the newest event, an exhibit, a revocation is left out."""

from dataclasses import replace

import pytest

from custody.proof import bundle
from custody.proof.bundle import BundleParts
from custody.proof.findings import FindingCode, Level
from custody.proof.prefix_map import ACC_0, Leaf, MapProof, Namespace, accumulate_all, mapkey
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import verify_bundle
from custody.proof.verify_log import Scope
from tests.proof.world import Story, T, story, without


@pytest.fixture
def told() -> Story:
    return story()


def judge(told: Story, parts: BundleParts, scope: Scope | None = None) -> set[FindingCode]:
    verdict = verify_bundle(bundle.build(parts), policy=told.world.policy, scope=scope)
    return failures(verdict)


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def test_the_newest_event_of_an_item_is_missed(told: Story) -> None:
    parts = without(told.world.parts(told.item), told.approve + 1)
    assert judge(told, parts) == {FindingCode.ENTRIES_MISSING}


@pytest.mark.parametrize("kept", range(4))
def test_every_shortened_history_is_noticed(told: Story, kept: int) -> None:
    indices = sorted(told.world.indices((Namespace.ITEM, str(told.item))))
    parts = without(told.world.parts(told.item), *indices[kept:])
    assert FindingCode.ENTRIES_MISSING in judge(told, parts)


def test_an_exhibit_of_a_case_is_missed(told: Story) -> None:
    world = told.world
    hidden = world.indices((Namespace.ITEM, str(told.second)))
    parts = without(world.parts(), *hidden)
    maps = tuple(part for part in parts.maps if part.id != str(told.second))
    assert judge(told, replace(parts, maps=maps)) == {FindingCode.ENTRIES_MISSING}


def test_an_item_that_goes_on_under_another_case_is_missed(told: Story) -> None:
    """The tail of an exhibit is recorded under a case of its own, where nobody looks."""
    world = told.world
    other_case = (Namespace.CASE, str(told.second))
    world.record(T.STORAGE_IN, world.otto, told.item, case=told.second)
    world.publish()
    parts = without(world.parts(), *world.indices(other_case))
    assert judge(told, parts) == {FindingCode.ENTRIES_MISSING}
    assert FindingCode.CHAIN_RULE in judge(told, world.parts())


def test_a_revocation_cannot_be_hidden(told: Story) -> None:
    world = told.world
    revoked = world.revoke(world.ana)
    world.record(T.NOTE, world.ana, told.second)
    world.publish()
    assert failures(verify_bundle(world.bundle(), policy=world.policy)) == {FindingCode.KEY_NOT_VALID}
    hidden = without(world.parts(), revoked)
    assert judge(told, hidden) == {FindingCode.ENTRIES_MISSING, FindingCode.KEY_HISTORY_MISSING}
    silent = replace(hidden, maps=tuple(part for part in hidden.maps if part.id != world.ana.key.keyid))
    assert judge(told, silent) == {FindingCode.KEY_HISTORY_MISSING}


def test_a_revocation_cannot_be_erased(told: Story) -> None:
    """A supervisor plays along and orders the revocation's bytes to be erased."""
    world = told.world
    revoked = world.revoke(world.ana)
    world.record(T.NOTE, world.ana, told.second)
    order = world.erase(world.sara, revoked)
    world.publish()
    hidden = bundle.WithheldPart(revoked, world.leaf(revoked), order, world.inclusion(revoked))
    parts = without(world.parts(), revoked)
    entries = tuple(sorted((*parts.entries, hidden), key=lambda part: part.index))
    codes = judge(told, replace(parts, entries=entries))
    assert codes == {FindingCode.ENTRIES_MISSING, FindingCode.KEY_HISTORY_MISSING}


def test_an_order_of_erasure_cannot_move_an_entry_out_of_a_history(told: Story) -> None:
    """The order says that the erased acceptance was about another exhibit, or about none."""
    world = told.world
    for keys in ([], [mapkey(Namespace.ITEM, str(told.second))]):
        order = world.erase(world.sara, told.accept, about={told.accept: keys})
        world.publish()
        hidden = bundle.WithheldPart(
            told.accept, world.leaf(told.accept), order, world.inclusion(told.accept)
        )
        parts = without(world.parts(), told.accept)
        entries = tuple(sorted((*parts.entries, hidden), key=lambda part: part.index))
        assert FindingCode.ENTRIES_MISSING in judge(told, replace(parts, entries=entries))


def test_a_registration_cannot_be_hidden(told: Story) -> None:
    world = told.world
    registered = min(world.indices((Namespace.KEYCTL, world.ana.key.keyid)))
    codes = judge(told, without(world.parts(told.item), registered))
    assert codes >= {FindingCode.KEY_HISTORY_MISSING, FindingCode.SIGNER_UNKNOWN}


def test_a_proof_that_an_item_is_absent_cannot_be_made_up(told: Story) -> None:
    world = told.world
    parts = without(world.parts(told.item), *world.indices((Namespace.ITEM, str(told.item))))
    first, *rest = parts.maps
    asked = Scope(Namespace.ITEM, told.item)
    for terminal in (None, Leaf(mapkey(Namespace.ITEM, str(told.second)), 1, ACC_0)):
        forged = replace(first, proof=MapProof(first.proof.siblings, terminal))
        assert judge(told, replace(parts, maps=(forged, *rest)), asked) == {FindingCode.MAP_PROOF_INVALID}


def test_a_smaller_count_cannot_be_made_up(told: Story) -> None:
    world = told.world
    indices = sorted(world.indices((Namespace.ITEM, str(told.item))))[:-1]
    parts = without(world.parts(told.item), told.approve + 1)
    first, *rest = parts.maps
    forged = Leaf(mapkey(Namespace.ITEM, str(told.item)), *accumulate_all(indices))
    forged_map = replace(first, proof=MapProof(first.proof.siblings, forged))
    assert judge(told, replace(parts, maps=(forged_map, *rest))) == {FindingCode.MAP_PROOF_INVALID}


def test_the_proof_of_one_item_does_not_serve_for_another(told: Story) -> None:
    world = told.world
    parts = world.parts(told.second)
    renamed = tuple(
        replace(part, id=str(told.item)) if part.ns is Namespace.ITEM else part for part in parts.maps
    )
    codes = judge(told, replace(parts, maps=renamed), Scope(Namespace.ITEM, told.item))
    assert codes == {FindingCode.MAP_PROOF_INVALID}


def test_an_older_map_head_does_not_hide_what_came_after(told: Story) -> None:
    """The bundle carries a true map head, but of an earlier size than its checkpoint."""
    world = told.world
    last = world.checkpoint.size - 1
    earlier = told.offer - 1
    parts = without(world.parts(told.item), last)
    entries = tuple(sorted((*parts.entries, world.entry_part(earlier)), key=lambda part: part.index))
    assert FindingCode.MAP_HEAD_MISSING in judge(told, replace(parts, entries=entries))


def test_a_head_that_does_not_end_with_a_map_head_is_refused(told: Story) -> None:
    world = told.world
    world.record(T.NOTE, world.otto, told.item)
    world.sign_head()
    verdict = verify_bundle(bundle.build(world.parts(told.item)), policy=world.policy)
    assert verdict.outcome is Outcome.NOT_VERIFIED
    assert FindingCode.MAP_HEAD_MISSING in failures(verdict)


def test_an_entry_cannot_be_withheld_on_no_order_or_on_a_later_entrys(told: Story) -> None:
    world = told.world
    order = world.erase(world.sara, 1)
    world.publish()
    for claimed in (order, told.offer, 0):
        hidden = bundle.WithheldPart(
            told.accept, world.leaf(told.accept), claimed, world.inclusion(told.accept)
        )
        parts = without(world.parts(), told.accept)
        entries = tuple(sorted((*parts.entries, hidden), key=lambda part: part.index))
        assert FindingCode.WITHHELD_WITHOUT_ORDER in judge(told, replace(parts, entries=entries))
