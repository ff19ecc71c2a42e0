"""check_vault: match, mismatch or unreadable for every stored object; unreadable is never called tampering."""

from __future__ import annotations

import io
import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from custody.reports.models import Report
from evidence import store
from evidence.derivatives import Derivative
from evidence.items import Item, StoredObject


def check(code: int = 0) -> dict[str, object]:
    """Run the command and return what it says to machines."""
    out = io.StringIO()
    if code:
        with pytest.raises(SystemExit) as end:
            call_command("check_vault", "--json", stdout=out)
        assert end.value.code == code
    else:
        call_command("check_vault", "--json", stdout=out)
    return json.loads(out.getvalue())


def path_of(stored: object) -> Path:
    name = str(stored.pk)  # type: ignore[attr-defined]
    return Path(settings.VAULT_DIR) / "objects" / name[:2] / name


@contextmanager
def changed(path: Path, data: bytes) -> Iterator[None]:
    """Put other bytes into a sealed file, and the right ones back."""
    before = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)
        path.chmod(0o400)


@contextmanager
def moved(path: Path, target: Path) -> Iterator[None]:
    path.rename(target)
    try:
        yield
    finally:
        target.rename(path)


def test_everything_stored_matches_and_is_compared_with_the_ledger(world):
    result = check()
    expected = (
        Item.objects.count()
        + Derivative.objects.filter(stored__isnull=False).count()
        + Report.objects.filter(stored__isnull=False).count()
    )
    assert (result["match"], result["objects"]) == (expected, expected)
    assert (result["mismatch"], result["unreadable"], result["leftovers"]) == (0, 0, [])
    assert result["not_compared_with_ledger"] == 0


def test_it_says_so_in_words(world):
    out = io.StringIO()
    call_command("check_vault", stdout=out)
    assert f"match      exhibit EX-1 ({world.moved.pk})" in out.getvalue()
    assert "0 mismatch, 0 unreadable." in out.getvalue()


@pytest.mark.parametrize("number", range(50))
def test_one_flipped_bit_of_any_object_is_a_mismatch_of_that_object(world, number):
    rng = random.Random(number)
    stored = rng.choice(sorted(StoredObject.objects.filter(sealed=True), key=lambda one: one.pk))
    path = path_of(stored)
    data = bytearray(path.read_bytes())
    bit = rng.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    with changed(path, bytes(data)):
        result = check(2)
    assert [(f["object"], f["outcome"]) for f in result["findings"]] == [(str(stored.pk), "mismatch")]
    assert (
        "bytes 0 to" in result["findings"][0]["sentence"]
        or "is not as it was written" in result["findings"][0]["sentence"]
    )


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_an_object_that_was_cut_or_grew_is_a_mismatch(world, cut):
    path = path_of(world.moved.stored)
    data = path.read_bytes()
    with changed(path, data[:cut] if cut >= 0 else data + b"x"):
        result = check(2)
    assert [f["outcome"] for f in result["findings"]] == ["mismatch"]


def test_two_objects_that_changed_places_are_both_a_mismatch(world):
    one, other = path_of(world.moved.stored), path_of(world.held.stored)
    first, second = one.read_bytes(), other.read_bytes()
    with changed(one, second), changed(other, first):
        result = check(2)
    assert sorted(f["object"] for f in result["findings"]) == sorted(
        [str(world.moved.stored_id), str(world.held.stored_id)]
    )
    assert {f["outcome"] for f in result["findings"]} == {"mismatch"}


def test_an_object_that_is_gone_is_unreadable_and_not_called_tampering(world, tmp_path):
    path = path_of(world.held.stored)
    with moved(path, tmp_path / "away"):
        result = check(2)
    assert [(f["outcome"], f["object"]) for f in result["findings"]] == [
        ("unreadable", str(world.held.stored_id))
    ]
    assert "holds no object" in result["findings"][0]["sentence"]


def test_without_its_case_key_an_object_is_unreadable(world, tmp_path):
    key = Path(settings.KEYS_DIR) / "cases" / f"{world.case.pk}.key"
    with moved(key, tmp_path / "away"):
        result = check(2)
    assert result["unreadable"] == result["objects"]
    assert "no key file" in result["findings"][0]["sentence"]


def test_a_changed_wrapped_key_is_unreadable(world):
    with world.undone("evidence_storedobject") as hands:
        hands.execute(
            "UPDATE evidence_storedobject SET wrapped_key = set_byte(wrapped_key, 7, get_byte(wrapped_key, 7) # 1) WHERE uuid = %s",
            [world.held.stored_id],
        )
        result = check(2)
    assert [f["outcome"] for f in result["findings"]] == ["unreadable"]
    assert "does not open the wrapped key" in result["findings"][0]["sentence"]


@pytest.mark.parametrize("extents", ["[]", "[1]", '["x"]', '{"a": 1}', "[-5]"])
def test_a_changed_list_of_extents_is_a_mismatch(world, extents):
    with world.undone("evidence_storedobject") as hands:
        hands.execute(
            "UPDATE evidence_storedobject SET extents = %s::jsonb WHERE uuid = %s",
            [extents, world.held.stored_id],
        )
        result = check(2)
    assert [f["outcome"] for f in result["findings"]] == ["mismatch"]


def test_a_row_that_says_another_digest_or_size_is_a_mismatch(world):
    with world.undone("evidence_item") as hands:
        hands.execute(
            "UPDATE evidence_item SET sha256 = %s, size = size + 1 WHERE uuid = %s",
            [world.held.sha256, world.moved.pk],
        )
        (finding,) = check(2)["findings"]
    assert finding["object"] == str(world.moved.stored_id)
    assert "its row says" in finding["sentence"]


def test_whole_bytes_of_another_exhibit_with_a_row_made_to_fit_are_told_apart_by_the_ledger(world):
    """Bytes and row agree with each other; only the ledger's statement of the intake says otherwise."""
    moved, held = world.moved, world.held
    with world.undone("evidence_item") as hands:
        swap = "UPDATE evidence_item SET stored_id = %s, sha256 = %s, size = %s WHERE uuid = %s"
        hands.execute("DELETE FROM evidence_item WHERE uuid = %s", [held.pk])
        hands.execute(swap, [held.stored_id, held.sha256, held.size, moved.pk])
        (finding,) = check(2)["findings"]
    assert "the ledger says" in finding["sentence"]


def test_a_statement_of_the_ledger_that_was_tampered_with_is_not_relied_upon(world):
    from custody.ledger.models import Subject

    first = (
        Subject.objects.filter(namespace="item", key=str(world.held.pk)).order_by("entry_id").first().entry_id
    )
    with world.undone("ledger_opening") as hands:
        hands.execute(
            """UPDATE ledger_opening SET value = '"%s"' WHERE entry_id = %%s AND field = 'sha256'"""
            % ("0" * 64),
            [first],
        )
        result = check(2)
    (finding,) = result["findings"]
    assert "cannot be relied upon" in finding["sentence"]


def test_an_erased_statement_leaves_the_comparison_with_the_row(world):
    from custody.ledger.models import Subject

    first = (
        Subject.objects.filter(namespace="item", key=str(world.held.pk)).order_by("entry_id").first().entry_id
    )
    with world.undone("ledger_opening") as hands:
        hands.execute("DELETE FROM ledger_opening WHERE entry_id = %s", [first])
        result = check()
    assert result["not_compared_with_ledger"] == 1


def test_files_that_no_row_accounts_for_are_listed_and_are_no_failure(world):
    orphan, stranger = uuid.uuid4(), Path(settings.VAULT_DIR) / "objects" / "note.txt"
    with store.vault().stage(orphan) as staging:
        staging.append_extent(b"k" * 32).write(b"left over")
        staging.keep_extent()
    stranger.write_text("not ours")
    try:
        result = check()
        assert {(found["kind"], Path(found["name"]).name) for found in result["leftovers"]} == {
            ("staging", str(orphan)),
            ("stranger", "note.txt"),
        }
        store.vault().seal(orphan, [9])
        assert ("object", str(orphan)) in {
            (found["kind"], Path(found["name"]).name) for found in check()["leftovers"]
        }
    finally:
        stranger.unlink()
        path = Path(settings.VAULT_DIR) / "objects" / str(orphan)[:2] / str(orphan)
        path.chmod(0o600)
        path.unlink()


def test_a_vault_that_others_can_reach_is_a_problem_and_no_verdict(world):
    folder = Path(settings.VAULT_DIR)
    store.forget()
    folder.chmod(0o755)
    try:
        result = check(2)
    finally:
        folder.chmod(0o700)
        store.forget()
    assert "not safe to use" in result["problem"]
