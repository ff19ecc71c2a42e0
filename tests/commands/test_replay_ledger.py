"""replay_ledger: silent about a ledger that is whole, and names the place whatever is done to it behind its back."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from custody.ledger.models import Entry, Opening, Subject
from custody.ledger.replay_findings import Code
from tests.commands.ledger_world import World


def entry_of(kind: str, world: World, last: bool = False) -> int:
    """Return the place of a record of this type."""
    from custody.ledger import history

    for seq in Entry.objects.order_by("-seq" if last else "seq").values_list("seq", flat=True):
        try:
            told = history.read(seq)
        except Exception:
            continue
        if str(told.record.type) == kind:
            return seq
    raise LookupError(kind)


def test_a_ledger_that_is_whole_passes_without_any_finding(world):
    replayed = world.audit()
    told = [(finding.code, finding.sentence) for finding in replayed.findings]
    assert told == [], told
    assert replayed.entries == replayed.published == Entry.objects.count()


def test_the_command_says_so_in_words_and_as_json(world, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    out = io.StringIO()
    call_command("replay_ledger", stdout=out)
    assert "Everything agrees." in out.getvalue()
    assert "genesis-not-pinned" in out.getvalue()
    out = io.StringIO()
    call_command("replay_ledger", "--json", stdout=out)
    result = json.loads(out.getvalue())
    assert (result["failed"], result["entries"]) == (False, Entry.objects.count())


def test_a_pinned_policy_of_another_log_is_noticed(world, tmp_path):
    from custody.ledger import genesis

    policy = genesis.policy_text()
    pin = policy.split("#pin genesis ")[1].split("\n")[0]
    file = tmp_path / "policy.txt"
    file.write_text(policy.replace(pin, "A" * 43 + "="))
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("replay_ledger", "--policy", str(file), stdout=out)
    assert end.value.code == 2
    assert "genesis-pin" in out.getvalue()
    with pytest.raises(CommandError, match="is not there"):
        call_command("replay_ledger", "--policy", str(tmp_path / "none.txt"))


# What is flipped: table, its key, the bytes; then which entry a finding must name.
PLACES = {
    "entry bytes": ("ledger_entry", "seq", "data"),
    "leaf hash": ("ledger_entry", "seq", "leaf_hash"),
    "tree node": ("ledger_node", "id", "hash"),
    "frontier": ("ledger_head", "id", "frontier"),
    "salt of a statement": ("ledger_opening", "id", "salt"),
    "root of a signed head": ("ledger_checkpoint", "size", "root"),
    "map node": ("ledger_map_node", "prefix", "node"),
}
FLIPS = random.Random(20260417)


@pytest.mark.parametrize("number", range(50))
def test_one_flipped_bit_anywhere_is_named(world, number):
    place = FLIPS.choice(list(PLACES))
    table, key, column = PLACES[place]
    with world.undone(table) as hands:
        rows = hands.execute(
            f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key}"
        ).fetchall()
        name, value = FLIPS.choice(rows)
        bit = FLIPS.randrange(len(value) * 8)
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        hands.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [bytes(changed), name])
        failures = world.failures()
    assert failures, f"nothing was said of bit {bit} of {column} in {table} {name}"
    if place in {"entry bytes", "leaf hash"}:
        assert {(Code.LEAF_HASH, name)} <= {(f.code, f.index) for f in failures}
    elif place == "salt of a statement":
        entry = Opening.objects.get(pk=name).entry_id
        assert [(f.code, f.index) for f in failures] == [(Code.OPENING_MISMATCH, entry)]
    elif place == "root of a signed head":
        assert [(f.code, f.index) for f in failures] == [(Code.CHECKPOINT_MALFORMED, name - 1)]
    else:
        code = {"tree node": Code.NODE_WRONG, "frontier": Code.HEAD_FRONTIER, "map node": Code.MAP_NODE_WRONG}
        assert [f.code for f in failures] == [code[place]]


@pytest.mark.parametrize("number", range(15))
def test_a_changed_text_of_index_statement_or_signed_head_is_named(world, number):
    rng = random.Random(number)
    table, column, text = [
        ("ledger_subject", "key", "key"),
        ("ledger_opening", "value", "value::text"),
        ("ledger_checkpoint", "note", "note"),
    ][number % 3]
    with world.undone(table) as hands:
        rows = hands.execute(
            f"SELECT ctid::text, {text} FROM {table} WHERE {text} ~ '[0-9]' ORDER BY ctid"
        ).fetchall()
        row, value = rng.choice(rows)
        at = rng.choice([i for i, c in enumerate(value) if c.isdigit() and c != "0"])
        other = str((int(value[at]) % 9) + 1)
        changed = value[:at] + other + value[at + 1 :]
        cast = "::jsonb" if column == "value" else ""
        named = "size - 1" if table == "ledger_checkpoint" else "entry_id"
        sql = f"UPDATE {table} SET {column} = %s{cast} WHERE ctid = %s::tid RETURNING {named}"
        (entry,) = hands.execute(sql, [changed, row]).fetchone()
        failures = world.failures()
    assert entry in {finding.index for finding in failures}, failures


def test_a_deleted_entry_leaves_a_gap_that_is_named(world):
    entry = entry_of("transfer.refuse", world)
    with world.undone("ledger_entry") as hands:
        hands.execute("DELETE FROM ledger_entry WHERE seq = %s", [entry])
        codes = {(finding.code, finding.index) for finding in world.failures()}
    assert (Code.ENTRY_MISSING, entry) in codes
    assert (Code.INDEX_EXTRA, entry) in codes
    assert (Code.OPENING_UNKNOWN, entry) in codes


def test_a_deleted_entry_with_all_its_rows_and_the_numbers_closed_up_is_noticed(world):
    entry = entry_of("access.unredacted", world)
    tables = ("ledger_entry", "ledger_subject", "ledger_opening", "ledger_head")
    with world.undone(*tables) as hands:
        for table in ("ledger_subject", "ledger_opening"):
            hands.execute(f"DELETE FROM {table} WHERE entry_id = %s", [entry])
        hands.execute("DELETE FROM ledger_entry WHERE seq = %s", [entry])
        for seq in range(entry + 1, Entry.objects.count() + 1):
            hands.execute("UPDATE ledger_entry SET seq = seq - 1 WHERE seq = %s", [seq])
            for table in ("ledger_subject", "ledger_opening"):
                hands.execute(f"UPDATE {table} SET entry_id = entry_id - 1 WHERE entry_id = %s", [seq])
        hands.execute("UPDATE ledger_head SET size = size - 1")
        failures = world.failures()
    codes = {finding.code for finding in failures}
    # The heads the log signed, the map, and the item's own chain each tell of it.
    assert {Code.MAP_HEAD_SIZE, Code.MAP_HEAD_ROOT, Code.CHECKPOINT_WITHOUT_MAP_HEAD} <= codes
    assert Code.SEEN_FORK in codes or Code.SEEN_AHEAD in codes


def test_the_newest_entries_cut_off_are_noticed(world):
    tables = ("ledger_entry", "ledger_subject", "ledger_opening")
    with world.undone(*tables) as hands:
        last = Entry.objects.count() - 3
        for table in ("ledger_subject", "ledger_opening"):
            hands.execute(f"DELETE FROM {table} WHERE entry_id >= %s", [last])
        hands.execute("DELETE FROM ledger_entry WHERE seq >= %s", [last])
        codes = {finding.code for finding in world.failures()}
    assert {Code.HEAD_SIZE, Code.CHECKPOINT_AHEAD} <= codes


def test_an_old_backup_of_the_whole_ledger_is_noticed_by_the_tables_beside_it(world):
    """Rolled back consistently, the ledger itself is whole; what happened since has rows but no entries."""
    from custody.ledger.models import Checkpoint

    tables = ("ledger_entry", "ledger_subject", "ledger_opening", "ledger_checkpoint", "ledger_head")
    with world.undone(*tables) as hands:
        size = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))[-2]
        for table in ("ledger_subject", "ledger_opening"):
            hands.execute(f"DELETE FROM {table} WHERE entry_id >= %s", [size])
        hands.execute("DELETE FROM ledger_entry WHERE seq >= %s", [size])
        hands.execute("DELETE FROM ledger_checkpoint WHERE size > %s", [size])
        failures = world.failures()
    codes = {finding.code for finding in failures}
    assert {Code.ROW_UNKNOWN, Code.ROW_DIFFERS, Code.HEAD_SIZE} <= codes


def test_two_entries_that_changed_places_are_noticed(world):
    first = entry_of("fixity.check", world)
    second = entry_of("fixity.check", world, last=True)
    with world.undone("ledger_entry") as hands:
        rows = dict(
            hands.execute(
                "SELECT seq, (leaf_hash, data)::text FROM ledger_entry WHERE seq IN (%s, %s)", [first, second]
            ).fetchall()
        )
        assert len(rows) == 2
        swap = """UPDATE ledger_entry e SET leaf_hash = o.leaf_hash, data = o.data
                  FROM ledger_entry o WHERE (e.seq, o.seq) IN ((%s, %s), (%s, %s))"""
        hands.execute(swap, [first, second, second, first])
        failures = world.failures()
    named = {(finding.code, finding.index) for finding in failures}
    assert (Code.CHAIN_BROKEN, first) in named
    assert any(code is Code.CHECKPOINT_ROOT for code, _ in named)


def test_an_entry_slipped_in_at_the_end_is_noticed(world):
    with world.undone("ledger_entry") as hands:
        hands.execute(
            "INSERT INTO ledger_entry (seq, leaf_hash, data) SELECT max(seq) + 1, sha256('\\x00'::bytea || 'x'::bytea), 'x' FROM ledger_entry"
        )
        named = {(finding.code, finding.index) for finding in world.failures()}
    last = Entry.objects.count()
    assert {(Code.ENTRY_MALFORMED, last), (Code.HEAD_SIZE, last)} <= named


def test_a_record_signed_again_by_another_key_with_hashes_made_to_fit_is_noticed(world):
    """A thorough attacker recomputes the leaf hash; the signature and every later head still tell."""
    from custody.ledger import history
    from custody.proof import digests, envelope
    from custody.proof.signatures import SigningKey

    entry = entry_of("transfer.approve", world)
    told = history.read(entry)
    parsed = envelope.parse_entry(told.data)
    forged = envelope.seal(
        parsed.payload,
        [envelope.Signature(told.record.actor, SigningKey.generate().sign(parsed.signed_bytes()))],
    )
    with world.undone("ledger_entry") as hands:
        hands.execute(
            "UPDATE ledger_entry SET data = %s, leaf_hash = %s WHERE seq = %s",
            [forged, digests.leaf_hash(forged), entry],
        )
        failures = world.failures()
    named = {(finding.code, finding.index) for finding in failures}
    assert (Code.SIGNATURE_INVALID, entry) in named
    heads = [finding for finding in failures if finding.code is Code.CHECKPOINT_ROOT]
    assert len(heads) == 1, "what follows from one change is counted, not listed"
    assert heads[0].index >= entry


def test_withheld_bytes_without_an_order_are_noticed(world):
    entry = entry_of("fixity.check", world)
    with world.undone("ledger_entry") as hands:
        hands.execute("UPDATE ledger_entry SET data = NULL WHERE seq = %s", [entry])
        replayed = world.audit()
    named = {(finding.code, finding.index) for finding in replayed.findings if finding.level == "failure"}
    assert (Code.WITHHELD_WITHOUT_ORDER, entry) in named
    # The tree, the map and the item's links are still whole: nothing else is called wrong about the log itself.
    assert {code for code, _ in named} <= {
        Code.WITHHELD_WITHOUT_ORDER,
        Code.OPENING_UNKNOWN,
        Code.ROW_UNKNOWN,
    }


def test_statements_that_are_gone_without_an_order_are_a_fault(world):
    entry = entry_of("transfer.offer", world)
    with world.undone("ledger_opening") as hands:
        hands.execute("DELETE FROM ledger_opening WHERE entry_id = %s", [entry])
        replayed = world.audit()
    assert {finding.code for finding in replayed.findings} == {
        Code.OPENING_WITHOUT_ORDER,
        Code.ROW_NOT_COMPARED,
    }


def test_answers_whose_key_is_not_there_are_mentioned_and_no_fault(world, tmp_path):
    key = Path(settings.KEYS_DIR) / "cases" / f"{world.case.pk}.key"
    key.rename(tmp_path / "away")
    try:
        replayed = world.audit()
    finally:
        (tmp_path / "away").rename(key)
    assert [(f.code, "answers of" in f.sentence) for f in replayed.findings] == [
        (Code.ROW_NOT_COMPARED, True)
    ]


def test_a_missing_line_of_the_index_is_named(world):
    row = Subject.objects.filter(namespace="item").order_by("entry_id").last()
    with world.undone("ledger_subject") as hands:
        hands.execute("DELETE FROM ledger_subject WHERE id = %s", [row.pk])
        named = {(finding.code, finding.index) for finding in world.failures()}
    assert named == {(Code.INDEX_MISSING, row.entry_id)}


def test_a_signed_head_taken_away_is_named(world):
    from custody.ledger.models import Checkpoint

    size = Checkpoint.objects.order_by("size")[1].size
    with world.undone("ledger_checkpoint") as hands:
        hands.execute("DELETE FROM ledger_checkpoint WHERE size = %s", [size])
        named = {(finding.code, finding.index) for finding in world.failures()}
    assert named == {(Code.CHECKPOINT_MISSING, size - 1)}


def test_statements_tampered_into_nonsense_do_not_end_the_audit(world):
    with world.undone("ledger_opening") as hands:
        hands.execute("""UPDATE ledger_opening SET value = '[{"a": 1.5}]'""")
        failures = world.failures()
    assert {Code.OPENING_MISMATCH, Code.ROW_DIFFERS} <= {finding.code for finding in failures}


def test_a_clock_that_went_back_is_a_remark(world):
    with world.undone("ledger_entry") as hands:
        last = Entry.objects.count() - 1
        hands.execute("UPDATE ledger_entry SET recorded = recorded - interval '1 day' WHERE seq = %s", [last])
        replayed = world.audit()
    assert not replayed.findings.failed()
    assert [(f.code, f.index) for f in replayed.findings] == [(Code.CLOCK_BACKWARDS, last)]


def test_an_empty_ledger_is_said_to_be_empty(world):
    tables = (
        "ledger_entry",
        "ledger_subject",
        "ledger_opening",
        "ledger_checkpoint",
        "ledger_node",
        "ledger_map_node",
        "ledger_head",
    )
    with world.undone(*tables) as hands:
        for table in tables:
            hands.execute(f"DELETE FROM {table}")
        assert Code.LOG_EMPTY in {finding.code for finding in world.failures()}
