"""Measures intake: MIB (2048) mebibytes through the act that takes an upload's bytes, and what else they could do.

    make bench-intake                    make bench-intake MIB=512

The act hashes (SHA-256 and BLAKE3), encrypts, writes, syncs and moves the durable offset in the database. Its peer
is SHA-256 alone over the same bytes, in turn with it: machines are shared, and only such a ratio says something.
Before it `make bench-intake` measures the vault alone against the programs that people use (vault.py).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.bench import figures
from tests.bench.ground import durable_ledger

MIB = figures.size("MIB", 2048)
ROUNDS, ROUND_MIB = 5, 256
# Larger than any cache of a processor, and drawn only once: the sender must not be what is measured.
BLOCK = os.urandom(64 << 20)


class Sender:
    """A file of so many bytes, sent from memory."""

    def __init__(self, length: int) -> None:
        self._place, self._length = 0, length

    def read(self, size: int) -> bytes:
        size = min(size, self._length - self._place)
        start = self._place % len(BLOCK)
        data = BLOCK[start : start + size]
        self._place += len(data)
        return data


def hashed(length: int) -> str:
    """Hash the same bytes and do nothing else with them."""
    sender, digest = Sender(length), hashlib.sha256()
    while data := sender.read(1 << 20):
        digest.update(data)
    return digest.hexdigest()


def measure(take_in: Callable[[int], str]) -> None:
    """Compare the two in turn, then look at the memory of one large upload."""
    for mib in (64, 64):
        take_in(mib << 20)
    rates, ratios, length = [], [], ROUND_MIB << 20
    for _ in range(ROUNDS):
        hashing = figures.seconds(lambda: hashed(length))
        taking = figures.seconds(lambda: take_in(length))
        rates.append(ROUND_MIB / taking)
        ratios.append(hashing / taking)
    figures.at_least("intake_over_sha256", figures.percentile(ratios, 0.5), 1.0)
    figures.note("intake_mib_per_s", figures.percentile(rates, 0.5))
    before = figures.peak_mib()
    digest = take_in(MIB << 20)
    figures.at_most("intake_memory_growth_mib", figures.peak_mib() - before, 32)
    figures.note("intake_of_mib", MIB)
    if digest != hashed(MIB << 20):
        raise AssertionError("what was taken in has another digest than what was sent")


def openssl() -> None:
    """Say what this machine's processor can do, where the program openssl is there."""
    if shutil.which("openssl") is None:
        figures.note("openssl", "not there")
        return
    for name in ("sha256", "aes-256-gcm"):
        command = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "1048576", "-evp", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"^\+F:\d+:[^:]+:([\d.]+)", told, re.MULTILINE)
        figures.note(f"openssl_{name}_mib_per_s", float(found[1]) / 2**20 if found else "not told")


def main() -> None:
    """Take in as an examiner does, with a case, an authority and an exhibit form."""
    with durable_ledger():
        from custody.acts import receive, upload_bytes
        from tests.cast import assemble_cast

        cast = assemble_cast()
        authority = cast.add_authority(cast.open_case())

        def take_in(length: int) -> str:
            form: dict[str, Any] = cast.sheet(authority, b"") | {"size": length}
            upload = receive.create_upload(cast.examiner, form, cast.now())
            taken = upload_bytes.take(upload.pk, 0, length, Sender(length).read, datetime.now(UTC))
            return str(taken.sha256)

        figures.load()
        measure(take_in)
        openssl()
        figures.load()


if __name__ == "__main__":
    main()
