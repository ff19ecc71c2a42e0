"""A small object in a vault, for tests: its bytes, key, extents and file."""

import random
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from evidence.vault.hashing import Digests
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import ingest


@dataclass(frozen=True)
class Stored:
    object_id: UUID
    key: bytes
    extents: tuple[int, ...]
    data: bytes
    path: Path

    def rewrite(self, content: bytes) -> None:
        """Change the sealed file the way somebody with the disk in hands can."""
        self.path.chmod(0o600)
        self.path.write_bytes(content)


def random_bytes(length: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(length)


def stage(
    vault: LocalVault, data: bytes, key: bytes, object_id: UUID, checkpoint_bytes: int
) -> tuple[int, ...]:
    with vault.stage(object_id) as staging:
        ingest(
            BytesIO(data).read,
            staging,
            key=key,
            digests=Digests(),
            limit=len(data),
            on_checkpoint=lambda length, extents: None,
            checkpoint_bytes=checkpoint_bytes,
        )
        return staging.extents


def store(vault: LocalVault, root: Path, data: bytes, checkpoint_bytes: int = 64 << 20) -> Stored:
    object_id, key = uuid4(), new_data_key()
    extents = stage(vault, data, key, object_id, checkpoint_bytes)
    vault.seal(object_id, extents)
    path = root / "objects" / str(object_id)[:2] / str(object_id)
    return Stored(object_id, key, extents, data, path)
