"""Ask the reader of disk images about one file with one bit changed, again and again, in one sandboxed child."""

import random
from io import BytesIO
from typing import Any, BinaryIO

from evidence.metadata import disk_image
from evidence.metadata.sandbox import MIB, Limits, run

LIMITS = Limits(seconds=240, memory_bytes=1024 * MIB, output_bytes=64 * MIB)


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> list[Any]:
    """The child's side: one answer for each changed bit."""
    whole = file.read()
    answers = []
    for place, bit in arguments["bits"]:
        data = bytearray(whole)
        data[place] ^= 1 << bit
        answers.append(disk_image.read(BytesIO(bytes(data)), {}, BytesIO()))
    return answers


def answers(data: bytes, count: int, seed: int) -> list[tuple[int, dict[str, Any]]]:
    """The test's side: changed places and what was said of each."""
    choice = random.Random(seed)
    bits = [(choice.randrange(len(data)), choice.randrange(8)) for _ in range(count)]
    result = run(f"{__name__}:read", file=data, arguments={"bits": bits}, limits=LIMITS)
    return [(place, answer) for (place, _), answer in zip(bits, result.value, strict=True)]
