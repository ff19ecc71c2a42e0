"""The log, or a thief with its key, shows a witness another history than before, or a map that hides something."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from custody.proof import merkle
from custody.proof.checkpoint import Checkpoint, parse_checkpoint, parse_note
from custody.proof.digests import leaf_hash
from custody.proof.errors import ConsistencyError, ProofError
from custody.proof.mirror.errors import ForkError, MirrorError, RefusedError
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import sign_note, verify_note
from custody.proof.policy import check_log
from custody.proof.prefix_map import Namespace, PrefixMap, mapkey
from custody.proof.records import MAP_HEAD_PAYLOAD_TYPE, build_map_head
from tests.proof.published import cosigner, export, witness
from tests.proof.world import ORIGIN, Story, T, World, sealed, story

COURT = cosigner()


@pytest.fixture
def told() -> Story:
    return story()


@pytest.fixture
def watched(told: Story, tmp_path: Path) -> Witness:
    """A witness that has cosigned the story's newest head."""
    one = witness(told.world, tmp_path / "state", export(told.world, tmp_path / "log"), keys=[COURT])
    one.follow(told.world.note)
    return one


def forked(told: Story, at: int, more: int = 40) -> World:
    other = told.world.fork(at)
    for _ in range(more):
        other.record(T.CASE_ASSIGN, other.sara)
    other.publish()
    return other


def check_kept(error: ForkError, world: World, first: str, second: str) -> None:
    """What is kept convinces a stranger: two heads, both signed by the log."""
    kept = error.kept.read_text(encoding="utf-8")
    assert kept == f"{first}\n---\n\n{second}"
    for part in kept.split("\n---\n\n"):
        note = parse_note(part)
        check_log(note, parse_checkpoint(note.text), world.policy)


def proof(world: World, old: int) -> list[bytes]:
    return merkle.consistency_proof(old, world.checkpoint.size, merkle.reader_of(world.leaves()))


@pytest.mark.parametrize("at", range(9, 15))
def test_a_fork_is_refused_and_both_heads_are_kept(
    told: Story, watched: Witness, tmp_path: Path, at: int
) -> None:
    cosigned = watched.note
    other = forked(told, at)
    export(other, tmp_path / "log")
    with pytest.raises(ForkError, match="two histories") as refused:
        watched.follow(other.note)
    check_kept(refused.value, told.world, cosigned, other.note)
    assert watched.size == told.world.checkpoint.size
    assert watched.follow(told.world.note), "the true log is still witnessed"


def test_a_fork_is_refused_over_add_checkpoint_too(told: Story, watched: Witness, tmp_path: Path) -> None:
    other = forked(told, told.accept)
    export(other, tmp_path / "log")
    with pytest.raises(ForkError) as refused:
        watched.consider(watched.size, proof(other, watched.size), other.note)
    check_kept(refused.value, told.world, watched.note, other.note)


def test_a_fork_of_the_same_size_is_refused(told: Story, watched: Witness, tmp_path: Path) -> None:
    other = told.world.fork(told.world.checkpoint.size - 2)
    other.record(T.CASE_ASSIGN, other.sara)
    other.publish()
    assert other.checkpoint.size == watched.size
    export(other, tmp_path / "log")
    for ask in (watched.follow, lambda note: watched.consider(watched.size, (), note)):
        with pytest.raises(ForkError) as refused:
            ask(other.note)
        check_kept(refused.value, told.world, watched.note, other.note)


def test_a_fork_that_is_shorter_is_refused(told: Story, watched: Witness, tmp_path: Path) -> None:
    other = told.world.fork(told.offer)
    other.record(T.CASE_ASSIGN, other.sara)
    other.publish()
    assert other.checkpoint.size < watched.size
    export(other, tmp_path / "log")
    for ask in (watched.follow, lambda note: watched.consider(0, (), note)):
        with pytest.raises(ForkError):
            ask(other.note)


def test_an_old_backup_shown_as_the_newest_log_is_refused(
    told: Story, watched: Witness, tmp_path: Path
) -> None:
    """The rollback is a true beginning of the log; that it is shown as its end is what is kept."""
    old = told.world.fork(told.world.published[0].size)
    old.checkpoint = Checkpoint(ORIGIN, len(old.entries), merkle.root(old.leaves()))
    old.note = sign_note(old.checkpoint.text(), [old.signer])
    export(old, tmp_path / "log")
    with pytest.raises(ForkError, match="as its newest") as refused:
        watched.follow(old.note)
    check_kept(refused.value, told.world, watched.note, old.note)


def test_a_fork_is_remembered_across_a_restart(told: Story, watched: Witness, tmp_path: Path) -> None:
    other = forked(told, told.accept)
    again = witness(told.world, tmp_path / "state", export(other, tmp_path / "log"), keys=[COURT])
    with pytest.raises(ForkError):
        again.follow(other.note)


def test_a_false_proof_alone_is_no_fork(told: Story, watched: Witness, tmp_path: Path) -> None:
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara)
    world.publish()
    export(world, tmp_path / "log")
    good = proof(world, watched.size)
    with pytest.raises(ConsistencyError):
        watched.consider(watched.size, [bytes(32), *good[1:]], world.note)
    assert watched.consider(watched.size, good, world.note)


def with_false_map(world: World, map_root: bytes) -> None:
    """The log signs this root of a map, and a head over it."""
    payload = build_map_head(log=ORIGIN, size=len(world.entries), root=map_root)
    world.append(sealed(payload, (world.log_key,), MAP_HEAD_PAYLOAD_TYPE))
    world.sign_head()


def test_a_map_that_hides_the_newest_entry_of_an_item_is_refused(
    told: Story, watched: Witness, tmp_path: Path
) -> None:
    """The offline verifier could not notice: the log has signed that there is nothing more about the item."""
    world = told.world
    world.record(T.FIXITY_CHECK, world.service, told.item, claims={"result": "mismatch"})
    hidden = (Namespace.ITEM, str(told.item))
    false = PrefixMap()
    root = false.add(
        (mapkey(*map_id), index)
        for index in range(len(world.entries))
        for map_id in world.about(index)
        if (index, map_id) != (len(world.entries) - 1, hidden)
    )
    with_false_map(world, root)
    export(world, tmp_path / "log")
    with pytest.raises(RefusedError, match="hides, adds or moves"):
        watched.follow(world.note)
    assert watched.size < world.checkpoint.size


def test_a_false_map_cannot_be_buried_under_a_true_one(told: Story, watched: Witness, tmp_path: Path) -> None:
    world = told.world
    with_false_map(world, bytes(32))
    world.record(T.CASE_ASSIGN, world.sara)
    world.publish()
    export(world, tmp_path / "log")
    with pytest.raises(RefusedError, match="hides, adds or moves"):
        watched.follow(world.note)


def test_an_order_of_erasure_that_lies_about_an_entry_is_refused(
    told: Story, watched: Witness, tmp_path: Path
) -> None:
    world = told.world
    world.erase(world.sara, told.accept, about={told.accept: [mapkey(Namespace.ITEM, str(told.second))]})
    world.publish()
    export(world, tmp_path / "log", withheld={told.accept})
    with pytest.raises(RefusedError):
        watched.follow(world.note)


def test_a_mirror_that_comes_late_notices_the_lie_by_the_older_map_heads(told: Story, tmp_path: Path) -> None:
    world = told.world
    world.erase(world.sara, told.accept, about={told.accept: [mapkey(Namespace.ITEM, str(told.second))]})
    world.publish()
    late = witness(world, tmp_path / "late", export(world, tmp_path / "log", withheld={told.accept}))
    with pytest.raises(RefusedError):
        late.follow(world.note)


def _swap(world: World, told: Story) -> None:
    world.entries[told.offer], world.entries[told.accept] = (
        world.entries[told.accept],
        world.entries[told.offer],
    )


def _replace(world: World, told: Story) -> None:
    world.entries[told.accept] = world.entries[told.offer]


def _drop(world: World, told: Story) -> None:
    del world.entries[told.accept]
    world.entries.append(world.entries[-1])


@pytest.mark.parametrize("change", [_swap, _replace, _drop])
def test_entries_that_are_not_under_the_head_are_refused(
    told: Story, tmp_path: Path, change: Callable[[World, Story], None]
) -> None:
    """Whoever serves the log shows other entries than the log has signed."""
    world = told.world
    served = world.fork(len(world.entries))
    served.checkpoint, served.note = world.checkpoint, world.note
    change(served, told)
    one = witness(world, tmp_path / "state", export(served, tmp_path / "log"), keys=[COURT])
    with pytest.raises(MirrorError):
        one.follow(world.note)
    assert one.size == 0
    assert one.note == ""


def test_entries_that_differ_from_their_leaf_hashes_are_refused(told: Story, tmp_path: Path) -> None:
    folder = export(told.world, tmp_path / "log")
    (tile,) = (folder / "tile" / "0").rglob("000.p/*")
    leaf = leaf_hash(told.world.entries[3])
    tile.write_bytes(tile.read_bytes().replace(leaf, bytes(32)))
    with pytest.raises(RefusedError, match="leaf hash"):
        witness(told.world, tmp_path / "state", folder).follow(told.world.note)


def test_no_two_heads_that_a_witness_cosigned_exclude_each_other(told: Story, tmp_path: Path) -> None:
    """Everything a rogue log can try, in any order: what was cosigned is one growing log."""
    world = told.world
    folder = tmp_path / "log"
    one = witness(world, tmp_path / "state", export(world, folder), keys=[COURT])
    heads = []
    branches = [world, *(forked(told, at, more) for at in (9, 11, 13) for more in (1, 20))]
    for branch in [*branches, *reversed(branches), world]:
        export(branch, folder)
        for ask in (one.follow, lambda note: one.consider(one.size, (), note)):
            try:
                made = ask(branch.note)
            except (MirrorError, ProofError):
                continue
            assert made
            note = parse_note(one.note)
            verify_note(note, [COURT.public])
            heads.append(parse_checkpoint(note.text))
    assert heads
    assert set(heads) == {world.checkpoint}
    assert replace(heads[0]) == world.checkpoint
