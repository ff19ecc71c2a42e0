"""Go's transparency-log library, which is none of ours, accepts our heads and proofs and refuses forks.

It knows no map, no records and no witnesses: it judges the head of the log, inclusion and consistency.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from custody.proof.bundle import EntryPart
from custody.proof.digests import b64, leaf_hash
from custody.proof.records import RecordType as T
from tests.proof.world import Story, World, story

SOURCES = Path("/usr/share/gocode")  # Debian's golang-golang-x-mod-dev
NEEDED = SOURCES / "src/golang.org/x/mod/sumdb/tlog"

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not NEEDED.is_dir(),
    reason="not run: Go and its package golang.org/x/mod are not on this machine (Debian: golang-go, golang-golang-x-mod-dev)",
)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle")
    settings = {"GO111MODULE": "off", "GOPATH": str(SOURCES), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    command = ["go", "build", "-o", str(folder / "oracle"), str(Path(__file__).with_name("main.go"))]
    subprocess.run(command, check=True, env=os.environ | settings)
    return folder / "oracle"


@pytest.fixture(scope="module")
def told() -> Story:
    made = story()
    for _ in range(40):
        made.world.record(T.NOTE, made.world.otto, made.item)
        made.world.publish()
    return made


def ask(oracle: Path, world: World, parts: Any, **changed: Any) -> dict[str, list[dict[str, Any]]]:
    question = {
        "vkey": world.signer.vkey,
        "note": parts.checkpoint,
        "inclusion": [
            {"number": one.index, "hash": b64(leaf_of(one)), "proof": [b64(h) for h in one.proof]}
            for one in parts.entries
        ],
        "consistency": [
            {"number": one.size, "hash": b64(one.root), "proof": [b64(h) for h in one.proof]}
            for one in parts.seen
        ],
    } | changed
    done = subprocess.run([oracle], input=json.dumps(question), capture_output=True, text=True, check=True)
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return found


def leaf_of(part: Any) -> bytes:
    assert isinstance(part, EntryPart)
    return leaf_hash(part.entry)


def test_it_accepts_our_heads_and_every_proof_of_a_bundle(oracle: Path, told: Story) -> None:
    parts = told.world.parts()
    assert len(parts.entries) > 40
    assert len(parts.seen) > 40
    said = ask(oracle, told.world, parts)
    assert [len(said[part]) for part in ("note", "inclusion", "consistency")] == [
        1,
        len(parts.entries),
        len(parts.seen),
    ]
    assert all(one["accepted"] for answers in said.values() for one in answers), said


def test_it_refuses_a_fork_whose_head_the_log_has_signed(oracle: Path, told: Story) -> None:
    other = told.world.fork(told.accept)
    other.record(T.NOTE, other.otto, told.item)
    other.publish()
    mine, theirs = told.world.parts(), other.parts()
    said = ask(oracle, told.world, mine, note=theirs.checkpoint)
    assert said["note"][0]["accepted"], "the log has signed both"
    assert not any(one["accepted"] for one in said["inclusion"])
    later = [part.size > told.accept for part in mine.seen]
    assert any(later)
    assert not any(
        one["accepted"] for one, is_later in zip(said["consistency"], later, strict=True) if is_later
    )


def test_it_refuses_another_key_an_altered_entry_and_a_swapped_proof(oracle: Path, told: Story) -> None:
    parts = told.world.parts()
    assert not ask(oracle, told.world, parts, vkey=World().signer.vkey)["note"][0]["accepted"]
    first, second = ask(oracle, told.world, parts)["inclusion"][:2]
    assert first["accepted"]
    assert second["accepted"]
    one, two = parts.entries[3], parts.entries[4]
    altered = {
        "number": one.index,
        "hash": b64(leaf_hash(one.entry + b" ")),
        "proof": [b64(h) for h in one.proof],
    }
    swapped = {"number": one.index, "hash": b64(leaf_hash(one.entry)), "proof": [b64(h) for h in two.proof]}
    said = ask(oracle, told.world, parts, inclusion=[altered, swapped])
    assert not any(answer["accepted"] for answer in said["inclusion"])
