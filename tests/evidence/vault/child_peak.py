"""Ingest, seal, read and check so many MiB in a process of its own, and print its peak memory in KiB."""

import resource
import sys
from pathlib import Path
from uuid import uuid4

from evidence.vault.hashing import Digests, rehash
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import ingest


class Zeros:
    """A sender of so many zero bytes."""

    def __init__(self, length: int) -> None:
        self._left = length

    def read(self, size: int) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return bytes(size)


def main(root: Path, length: int) -> None:
    vault, object_id, key, digests = LocalVault(root), uuid4(), new_data_key(), Digests()
    with vault.stage(object_id) as staging:
        ingest(
            Zeros(length).read,
            staging,
            key=key,
            digests=digests,
            limit=length,
            on_checkpoint=lambda length, extents: None,
        )
    vault.seal(object_id, staging.extents)
    vault.check_object(object_id, staging.extents, key)
    assert rehash(vault.read(object_id, staging.extents, key)).hexdigests() == digests.hexdigests()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) << 20)
