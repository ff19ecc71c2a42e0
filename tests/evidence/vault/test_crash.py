"""A server may die at any moment: no byte is lost that was promised, and no nonce ever meets other bytes."""

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.objects import stored_object_length
from evidence.vault.tink import FIRST_PLAIN, HEADER, SEGMENT, stored_length

from .child_upload import journaled
from .stored import random_bytes

PROJECT = Path(__file__).parents[3]
LENGTH = 24 * SEGMENT + 12_345


class Sightings:
    """Everything that ever lay on the disk, by salt: the same salt must never head other bytes."""

    def __init__(self) -> None:
        self._by_salt: dict[bytes, bytes] = {}

    def look(self, file: Path, extents: tuple[int, ...]) -> None:
        """Note each durable extent and what follows the last one."""
        content, offset = file.read_bytes(), 0
        for length in extents:
            self._note(content[offset : offset + stored_length(length)])
            offset += stored_length(length)
        self._note(content[offset:])

    def _note(self, extent: bytes) -> None:
        if len(extent) < HEADER:
            return
        salt = extent[:HEADER]
        known = self._by_salt.get(salt, b"")
        common = min(len(known), len(extent))
        assert known[:common] == extent[:common], "one salt and nonce, two contents"
        self._by_salt[salt] = max(known, extent, key=len)


class Upload:
    """An upload whose server is killed, and whose sender sends other bytes after each kill."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.root, self.data, self.journal = folder / "vault", folder / "data", folder / "journal"
        self.object_id, self.key = uuid4(), new_data_key()
        self.staged = self.root / "staging" / str(self.object_id)
        self.draw = random.Random(seed)
        self.data.write_bytes(b"")

    @property
    def extents(self) -> tuple[int, ...]:
        return journaled(self.journal)

    def new_bytes_after_what_is_durable(self) -> None:
        accepted = self.data.read_bytes()[: sum(self.extents)]
        self.data.write_bytes(accepted + self.draw.randbytes(LENGTH - len(accepted)))

    def run(self, kill_after: float | None) -> str:
        names = (self.root, self.object_id, self.key.hex(), self.data, self.journal)
        command = [sys.executable, "-m", "tests.evidence.vault.child_upload", *map(str, names)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begun\n"
            if kill_after is not None:
                time.sleep(kill_after)
                child.kill()
            return child.stdout.read().strip()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_an_upload_ends_whole_and_no_nonce_met_other_bytes(
    tmp_path: Path, seed: int
) -> None:
    upload, seen = Upload(tmp_path, seed), Sightings()
    for _ in range(8):
        upload.new_bytes_after_what_is_durable()
        upload.run(kill_after=upload.draw.uniform(0, 0.05))
        durable = upload.extents
        assert upload.staged.stat().st_size >= stored_object_length(durable)
        seen.look(upload.staged, durable)
    upload.new_bytes_after_what_is_durable()
    digest = upload.run(kill_after=None)
    seen.look(upload.staged, upload.extents)
    data = upload.data.read_bytes()
    assert digest == hashlib.sha256(data).hexdigest()
    vault = LocalVault(upload.root)
    vault.seal(upload.object_id, upload.extents)
    assert b"".join(vault.read(upload.object_id, upload.extents, upload.key)) == data
    vault.check_object(upload.object_id, upload.extents, upload.key)


# What a power cut leaves of bytes that were written and not synced.
LEFT = st.sampled_from(["all", "nothing", "half", "zeros", "noise"])
WRITTEN = st.sampled_from([0, 1, 5000, FIRST_PLAIN - 1, FIRST_PLAIN, FIRST_PLAIN + 1, 2 * SEGMENT])
STEPS = st.lists(st.tuples(WRITTEN, st.booleans(), LEFT), min_size=1, max_size=8)


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_after_a_power_cut_the_file_is_cut_back_and_goes_on_under_a_new_salt(
    steps: list[tuple[int, bool, str]],
) -> None:
    with TemporaryDirectory() as folder:
        go_on_after_power_cuts(Path(folder) / "vault", steps)


def go_on_after_power_cuts(root: Path, steps: list[tuple[int, bool, str]]) -> None:
    object_id, key, plain = uuid4(), new_data_key(), b""
    extents: tuple[int, ...] = ()
    vault, seen, path = LocalVault(root), Sightings(), root / "staging" / str(object_id)
    for seed, (length, kept, left) in enumerate(steps):
        data = random_bytes(length, seed)
        with vault.stage(object_id, extents) as staging:
            writer = staging.append_extent(key)
            assert path.stat().st_size == stored_object_length(extents)
            writer.write(data)
            if kept:
                extents = staging.keep_extent()
                plain += data
        seen.look(path, extents)
        if not kept:
            cut_power(path, stored_object_length(extents), left)
    assert_holds(vault, object_id, extents, key, plain)


def cut_power(path: Path, durable: int, left: str) -> None:
    content = path.read_bytes()
    tail = content[durable:]
    tails = {
        "all": tail,
        "nothing": b"",
        "half": tail[: len(tail) // 2],
        "zeros": bytes(len(tail)),
        "noise": random_bytes(len(tail) + 100),
    }
    path.write_bytes(content[:durable] + tails[left])


def assert_holds(
    vault: LocalVault, object_id: UUID, extents: tuple[int, ...], key: bytes, plain: bytes
) -> None:
    with vault.stage(object_id, extents) as staging:
        assert b"".join(staging.read(key)) == plain
    if extents:
        with vault.stage(object_id, extents) as staging:
            staging.cut_back()
        vault.seal(object_id, extents)
        vault.check_object(object_id, extents, key)
        assert b"".join(vault.read(object_id, extents, key)) == plain


def test_opening_with_a_list_that_is_out_of_date_costs_no_durable_byte(tmp_path: Path) -> None:
    vault, object_id, key = LocalVault(tmp_path / "vault"), uuid4(), new_data_key()
    with vault.stage(object_id) as staging:
        for data in (b"one", b"two"):
            staging.append_extent(key).write(data)
            extents = staging.keep_extent()
    with vault.stage(object_id, extents[:1]) as staging:  # read from the database before the other was done
        assert b"".join(staging.read(key)) == b"one"
    with vault.stage(object_id, extents) as staging:
        assert b"".join(staging.read(key)) == b"onetwo"


def test_an_abandoned_writer_cannot_spoil_what_came_after(tmp_path: Path) -> None:
    vault, key = LocalVault(tmp_path / "vault"), new_data_key()
    with vault.stage(uuid4()) as staging:
        old = staging.append_extent(key)
        old.write(b"given up")
        new = staging.append_extent(key)
        new.write(b"kept")
        for late in (lambda: old.write(b"late"), old.finish):
            with pytest.raises(ValueError, match="begin another"):
                late()
        staging.keep_extent()
        assert b"".join(staging.read(key)) == b"kept"
        with pytest.raises(ValueError, match="no extent was begun"):
            staging.keep_extent()
