"""Measures examination: FILES (60) files of the demonstration's kinds through all extractors, each in a sandbox.

    make bench-examine                   make bench-examine FILES=200

The set is made from seeds 1, 2, 3 …, thirteen kinds a seed. Its peers are a sandbox whose parser does nothing, and
Python starting and ending. A disk image (E01, plain and packed) is verified beside the bare hashing of what it holds.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import zlib
from collections import Counter
from io import BytesIO
from itertools import count, islice

from custody.client.artifacts.make import contents
from evidence.metadata.extract import examine
from evidence.metadata.sandbox import Limits, run
from tests.bench import figures
from tests.evidence.metadata import ewf_files

FILES = figures.size("FILES", 60)
STARTS = 15
IMAGE = 128 * 1024 * 1024
# The ten thousand files of a telephone, in an hour.
GOAL_PER_S = 10_000 / 3600


def main() -> None:
    """Examine, then start empty sandboxes and compare."""
    figures.load()
    made = (data for seed in count(1) for data in contents(seed).values())
    files = list(islice(made, FILES))
    figures.note("files", len(files))
    figures.note("seeds", "1, 2, 3 …")
    outcomes: Counter[str] = Counter()
    started = time.perf_counter()
    for data in files:
        outcomes.update(str(one.outcome) for one in examine(BytesIO(data), len(data)))
    took = time.perf_counter() - started
    figures.at_least("examine_files_per_s", len(files) / took, GOAL_PER_S)
    figures.note("examine_ms_per_file", 1e3 * took / len(files))
    for outcome, number in sorted(outcomes.items()):
        figures.note(f"outcomes_{outcome}", number)

    def sandbox() -> None:
        run("tests.bench.nothing:read", file=b"", arguments={}, limits=Limits())

    def python() -> None:
        subprocess.run([sys.executable, "-I", "-c", ""], check=True)

    empty = figures.percentile([figures.seconds(sandbox) for _ in range(STARTS)], 0.5)
    bare = figures.percentile([figures.seconds(python) for _ in range(STARTS)], 0.5)
    # Every answer but "not applicable" is one child.
    children = sum(outcomes.values()) - outcomes["not_applicable"]
    figures.note("sandboxes_per_file", children / len(files))
    figures.note("sandbox_start_ms", 1e3 * empty)
    figures.note("python_start_ms", 1e3 * bare)
    figures.note("share_of_sandbox_start", children * empty / took)
    images()
    figures.load()


def images() -> None:
    """Verify one image twice, and hash its content with the digests that it states and SHA-256."""
    block = b"".join(hashlib.sha256(str(n).encode()).digest() + bytes(96) for n in range(8192))
    content = block * (IMAGE // len(block))

    def hashing() -> None:
        for name in ("md5", "sha1", "sha256"):
            hashlib.new(name, content, usedforsecurity=False)

    def inflating() -> None:
        for piece in packed:
            zlib.decompress(piece)

    packed = [
        zlib.compress(content[place : place + ewf_files.CHUNK])
        for place in range(0, len(content), ewf_files.CHUNK)
    ]
    alone = figures.seconds(hashing)
    figures.note("image_mib", IMAGE >> 20)
    figures.note("hashing_alone_mib_per_s", (IMAGE >> 20) / alone)
    peers = {"plain": alone, "packed": alone + figures.seconds(inflating)}
    for name, peer in peers.items():
        image = ewf_files.image(content, packed=name == "packed")

        def verify(image: bytes = image) -> None:
            answer = next(one for one in examine(BytesIO(image), len(image)) if one.extractor == "disk_image")
            if answer.values["verification"] != "verified":
                raise SystemExit(answer.message)

        figures.note(f"image_{name}_share_of_bare_speed", peer / figures.seconds(verify))


if __name__ == "__main__":
    main()
