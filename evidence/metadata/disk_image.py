"""Recognise a forensic image by its content and verify it: EWF (E01), AFF4, and raw images as far as they allow.

Loaded only inside the sandbox. A damaged image gets the outcome `damaged` with the places; what could not be read
is said. It does not look into file systems.
"""

from typing import Any, BinaryIO

from evidence.metadata import aff4, ewf, raw_image
from evidence.metadata.ewf_sections import is_ewf
from evidence.metadata.table import failed, not_applicable
from evidence.metadata.verification import Clock, OutOfTimeError, Verification

EWF2 = (b"EVF2\x0d\x0a\x81\x00", b"LEF2\x0d\x0a\x81\x00")
# Without an order from the caller.
SECONDS = 60


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with what the image says of itself, whether it holds, and what was not read."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(8)
    if head in EWF2:
        return failed("Not read: this is version 2 of EWF (Ex01, Lx01), which this version does not verify.")
    verification = Verification(Clock(arguments.get("seconds", SECONDS)))
    try:
        if is_ewf(file):
            ewf.verify(file, size, verification)
        elif not aff4.verify(file, verification) and not raw_image.describe(
            file, size, arguments.get("filename", ""), verification
        ):
            return not_applicable("No disk image was recognised.")
    except OutOfTimeError as problem:
        verification.not_read(f"The verification is not complete: {problem}.")
    return verification.answer()
