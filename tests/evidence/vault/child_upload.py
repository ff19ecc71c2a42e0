"""Go on with an upload in a process of its own, which the test kills at a moment of its choosing.

The journal stands for the database row: one line of JSON, synced, with the extents that are durable.
"""

import json
import os
import sys
from pathlib import Path
from uuid import UUID

from evidence.vault.hashing import rehash
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import ingest

CHECKPOINT = 3 << 19  # an extent of two segments


def journaled(journal: Path) -> tuple[int, ...]:
    """Return the extents of the last whole line."""
    lines = journal.read_text().split("\n")[:-1] if journal.exists() else []
    return tuple(json.loads(lines[-1])) if lines else ()


def main(root: Path, object_id: UUID, key: bytes, data: Path, journal: Path) -> None:
    extents = journaled(journal)
    with (
        LocalVault(root).stage(object_id, extents) as staging,
        data.open("rb") as source,
        journal.open("a") as row,
    ):

        def on_checkpoint(length: int, extents: tuple[int, ...]) -> None:
            row.write(json.dumps(extents) + "\n")
            row.flush()
            os.fsync(row.fileno())

        digests = rehash(staging.read(key))
        source.seek(staging.plain_length)
        print("begun", flush=True)
        ingest(
            source.read,
            staging,
            key=key,
            digests=digests,
            limit=data.stat().st_size - staging.plain_length,
            on_checkpoint=on_checkpoint,
            checkpoint_bytes=CHECKPOINT,
        )
    print(digests.hexdigests()["sha256"], flush=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), UUID(sys.argv[2]), bytes.fromhex(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])
    )
