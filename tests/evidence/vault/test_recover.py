"""recover.sh gets an object back with openssl and coreutils alone, whatever becomes of this program."""

import hashlib
import os
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

import evidence.vault
from evidence.vault.keys import CaseKeys
from evidence.vault.local import LocalVault
from evidence.vault.tink import FIRST_PLAIN, NEXT_PLAIN, SEGMENT

from .stored import Stored, random_bytes, store

SCRIPT = Path(evidence.vault.__file__).with_name("recover.sh")
CASE = UUID("0b6f0e9e-2f3c-4a62-9d2c-1b1a3f9d8c11")
DATA = random_bytes(4 * SEGMENT + 77)


def recover(stored: Stored, case_keys: CaseKeys, folder: Path, out: Path) -> subprocess.CompletedProcess[str]:
    wrapped = case_keys.wrap(CASE, stored.key).hex()
    lengths = [str(length) for length in stored.extents]
    key_file = folder / f"{CASE}.key"
    command = [
        str(SCRIPT),
        str(stored.path),
        str(stored.object_id),
        str(key_file),
        wrapped,
        str(out),
        *lengths,
    ]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)


@pytest.mark.parametrize(
    ("length", "checkpoint"),
    [
        (0, SEGMENT),
        (1, SEGMENT),
        (FIRST_PLAIN, 4 * SEGMENT),
        (FIRST_PLAIN + 1, 4 * SEGMENT),
        (FIRST_PLAIN + NEXT_PLAIN, 4 * SEGMENT),
        (len(DATA), 64 * SEGMENT),
        (len(DATA), SEGMENT + 5),
    ],
)
def test_the_recovered_bytes_are_the_bytes_stored(
    vault: LocalVault, root: Path, case_keys: CaseKeys, tmp_path: Path, length: int, checkpoint: int
) -> None:
    case_keys.ensure(CASE)
    stored = store(vault, root, DATA[:length], checkpoint_bytes=checkpoint)
    out = tmp_path / "plain"
    result = recover(stored, case_keys, tmp_path / "case-keys", out)
    assert (result.returncode, result.stderr) == (0, "")
    assert out.read_bytes() == DATA[:length]
    assert result.stdout.split()[0] == hashlib.sha256(DATA[:length]).hexdigest()
    assert out.stat().st_mode & 0o777 == 0o600


def test_the_script_refuses_a_wrong_key_a_cut_file_and_an_existing_result(
    vault: LocalVault, root: Path, case_keys: CaseKeys, tmp_path: Path
) -> None:
    case_keys.ensure(CASE)
    stored = store(vault, root, DATA[:5000])
    folder, out = tmp_path / "case-keys", tmp_path / "plain"
    out.write_bytes(b"something of value")
    assert recover(stored, case_keys, folder, out).returncode != 0
    assert out.read_bytes() == b"something of value"
    out.unlink()
    stored.rewrite(stored.path.read_bytes()[:-1])
    assert "should have" in recover(stored, case_keys, folder, out).stderr
    out.unlink()
    key_file = folder / f"{CASE}.key"
    other = CaseKeys(tmp_path / "other-keys")
    other.ensure(CASE)
    wrapped_by_other = recover(stored, other, folder, out)
    assert wrapped_by_other.returncode != 0
    assert "does not open" in wrapped_by_other.stderr
    assert key_file.exists()
