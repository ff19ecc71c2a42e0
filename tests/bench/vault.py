"""Measures the vault alone against the programs that people use: part of `make bench-intake`.

    make bench-intake VAULT_MIB=256 MEMORY_GIB=2

A file of VAULT_MIB (1024) mebibytes is taken in (hashed, encrypted, written, synced, sealed) and read back. Right
before each of these its peer works on the same file, so that both find the same machine, and the figure is the
median of such ratios. Reading is warm on both sides. Before a pair the others on the machine get a while to become
quiet; what they took of it all the same is printed. The last two figures are of processes of their own, which
take in 1 GiB and MEMORY_GIB (20) from a sender that makes the bytes up; that needs so much free disk.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID, uuid4

from evidence.vault.hashing import USUAL, Digests, rehash
from evidence.vault.keys import new_data_key
from evidence.vault.local import LocalVault
from evidence.vault.pipeline import ingest
from tests.bench import figures

ROUNDS = 5
MIB = figures.size("VAULT_MIB", 1024)
MEMORY_GIB = figures.size("MEMORY_GIB", 20)
THREE = ("md5", "sha1", "sha256")
OTHERS = figures.Others(patience=120)
Work = Callable[[], object]


class Ground:
    """A vault and a file of random bytes on the disk, and the object made of it last."""

    def __init__(self, folder: Path) -> None:
        self.file, self._root = folder / "file", folder / "vault"
        with self.file.open("wb") as file:
            for _ in range(MIB):
                file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
        self.vault = LocalVault(self._root)
        self.object_id, self.key = UUID(int=0), new_data_key()
        self.extents: tuple[int, ...] = ()
        self.digests: dict[str, str] = {}

    def take_in(self, algorithms: Sequence[str] = USUAL) -> None:
        self.clear()
        self.object_id, digests = uuid4(), Digests(algorithms)
        with self.file.open("rb", buffering=0) as source, self.vault.stage(self.object_id) as staging:
            length = self.file.stat().st_size
            told: list[tuple[int, ...]] = []
            ingest(
                source.read,
                staging,
                key=self.key,
                digests=digests,
                limit=length,
                on_checkpoint=lambda length, extents: told.append(extents),
            )
        self.extents, self.digests = told[-1], digests.hexdigests()
        self.vault.seal(self.object_id, self.extents)

    def clear(self) -> None:
        shutil.rmtree(self._root)
        self.vault = LocalVault(self._root)

    def full_check(self) -> None:
        read = self.vault.read(self.object_id, self.extents, self.key)
        if rehash(read, ("sha256",)).hexdigests()["sha256"] != self.digests["sha256"]:
            raise AssertionError("what was read back has another digest than what was taken in")

    def tag_check(self) -> None:
        self.vault.check_object(self.object_id, self.extents, self.key)


def ratio(peer: Work, ours: Work, before: Work = lambda: None) -> float:
    """Return how many times as fast as its peer ours is: the median of pairs, after one that is not counted."""
    peer(), ours()
    ratios = []
    for _ in range(ROUNDS):
        before()
        OTHERS.wait()
        ratios.append(OTHERS.watch(lambda: figures.seconds(peer) / figures.seconds(ours)))
    return figures.percentile(ratios, 0.5)


def program(*command: str | Path) -> Work:
    def run() -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    return run


def compare(ground: Ground) -> None:
    openssl = program("openssl", "dgst", "-sha256", ground.file)
    figures.note("openssl_dgst_mib_per_s", MIB / figures.best_of(ROUNDS, openssl))
    for name, algorithms, goal in (("sha256", ("sha256",), 1.0), ("sha256_blake3", USUAL, 0.8)):
        value = ratio(openssl, lambda names=algorithms: ground.take_in(names), ground.clear)
        figures.at_least(f"ingest_{name}_over_openssl_dgst", value, goal)
    ground.take_in()
    figures.at_least("fixity_full_over_openssl_dgst", ratio(openssl, ground.full_check), 1.1)
    figures.at_least("fixity_tags_over_openssl_dgst", ratio(openssl, ground.tag_check), 2.5)


def compare_with_tools(ground: Ground, folder: Path) -> None:
    if missing := missing_of("sha256sum", "age", "age-keygen"):
        figures.note("ingest_over_sha256sum_age_sync", f"not measured: {missing} is not there")
    else:
        sealed = folder / "sealed.age"
        told = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
        recipient = re.search(r"age1\w+", told)
        assert recipient is not None
        hashing = program("sha256sum", ground.file)
        sealing = program("age", "-r", recipient[0], "-o", sealed, ground.file)
        syncing = program("sync", sealed)

        def in_turn() -> None:
            hashing(), sealing(), syncing()

        def before() -> None:
            sealed.unlink(missing_ok=True)
            ground.clear()

        figures.at_least("ingest_over_sha256sum_age_sync", ratio(in_turn, ground.take_in, before), 4)
        before()
    if missing := missing_of("hashdeep"):
        figures.note("ingest_three_digests_over_hashdeep", f"not measured: {missing} is not there")
    else:
        hashdeep = program("hashdeep", "-c", ",".join(THREE), ground.file)
        value = ratio(hashdeep, lambda: ground.take_in(THREE), ground.clear)
        figures.at_least("ingest_three_digests_over_hashdeep", value, 3.5)


def missing_of(*names: str) -> str | None:
    """Return the first of these programs that this machine has not."""
    return next((name for name in names if shutil.which(name) is None), None)


def compare_memory(folder: Path) -> None:
    needed = (MEMORY_GIB << 30) * 21 // 20
    if shutil.disk_usage(folder).free < needed:
        figures.note("ingest_memory", f"not measured: {MEMORY_GIB} GiB do not fit on the disk")
        return
    small, large = (growth(folder / str(gib), gib) for gib in (1, MEMORY_GIB))
    figures.at_most("ingest_memory_growth_mib", large, 32)
    figures.at_most(f"ingest_memory_{MEMORY_GIB}_gib_over_1_gib", large / small, 1.1)


def growth(folder: Path, gib: int) -> float:
    """Return the memory in MiB that one upload adds to a process of its own."""
    command = [sys.executable, "-m", "tests.bench.vault", str(folder), str(gib << 10)]
    try:
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take_in_made_up(root: Path, mib: int) -> None:
    """Take in so much from a sender that makes it up, and print the growth of the peak memory."""
    piece, left, object_id, key = os.urandom(4 << 20), mib << 20, uuid4(), new_data_key()
    vault = LocalVault(root)

    def read(size: int) -> bytes:
        nonlocal left
        size = min(size, left)
        start = left % (1 << 20)
        left -= size
        return piece[start : start + size]

    before = figures.peak_mib()
    with vault.stage(object_id) as staging:
        ingest(
            read,
            staging,
            key=key,
            digests=Digests(),
            limit=mib << 20,
            on_checkpoint=lambda length, extents: None,
        )
    print(figures.peak_mib() - before)


def measure() -> None:
    """Print the vault's figures."""
    with tempfile.TemporaryDirectory(prefix="unbroken-bench-") as name:
        folder, usual = Path(name), sys.getswitchinterval()
        sys.setswitchinterval(0.0005)  # as the files service runs, whose work this is
        try:
            figures.load()
            ground = Ground(folder)
            compare(ground)
            compare_with_tools(ground, folder)
            OTHERS.note("processors_of_others")
            ground.file.unlink()
            ground.clear()
            compare_memory(folder)
            figures.load()
        finally:
            sys.setswitchinterval(usual)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take_in_made_up(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        measure()
