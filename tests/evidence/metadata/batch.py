"""Read many files of the test corpus in one sandboxed child, to compare a whole folder in a second.

Only for comparing values: that one hostile file cannot harm the next is tested with examine(), one child each.
"""

from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from evidence.metadata import file_type, image, mail, office, pdf
from evidence.metadata.sandbox import MIB, Limits, run
from tests import corpus

READERS = {
    "file_type": file_type.read,
    "image": image.read,
    "mail": mail.read,
    "office": office.read,
    "pdf": pdf.read,
}
LIMITS = Limits(seconds=60, memory_bytes=2048 * MIB, output_bytes=64 * MIB)


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> list[Any]:
    """The child's side: one answer for each file of the bundle."""
    reader = READERS[arguments["extractor"]]
    answers = []
    for size in arguments["sizes"]:
        part = BytesIO(file.read(size))
        try:
            answers.append(reader(part, {"content_type": arguments["content_type"]}, BytesIO()))
        except Exception as problem:
            answers.append({"outcome": "failed", "values": {}, "message": repr(problem)})
    return answers


def answers(
    extractor: str, files: list[str], content_type: str = "application/octet-stream"
) -> dict[str, Any]:
    """The test's side: answers of one extractor by the files' names in the corpus."""
    data = [Path(corpus.path(name)).read_bytes() for name in files]
    arguments = {"extractor": extractor, "sizes": [len(one) for one in data], "content_type": content_type}
    result = run(f"{__name__}:read", file=b"".join(data), arguments=arguments, limits=LIMITS)
    return dict(zip(files, result.value, strict=True))
