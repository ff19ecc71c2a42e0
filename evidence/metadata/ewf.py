"""Verify one file of an EWF image (EnCase E01, logical L01, SMART): every checksum, every chunk, the digests.

Loaded only inside the sandbox. A set of several files is several exhibits here: of one file all chunks are
verified, and what lies in the others is reported as not read.
"""

from typing import BinaryIO

from evidence.metadata import ewf_acquisition, ewf_chunks
from evidence.metadata.ewf_acquisition import Acquisition
from evidence.metadata.ewf_chunks import Tally
from evidence.metadata.ewf_sections import Segment, follow
from evidence.metadata.verification import OutOfTimeError, Runs, StreamDigests, Verification

LOGICAL = "EWF-L01"


def verify(file: BinaryIO, size: int, verification: Verification) -> None:
    """Fill the verification with what this file says and whether it holds."""
    tally = Tally(Runs())
    digests: StreamDigests | None = None
    segment = follow(file, size, verification)
    acquisition = ewf_acquisition.read(file, segment, verification)
    _describe(segment, acquisition, verification)
    if _is_alone(segment):
        digests = StreamDigests(acquisition.digests)
    try:
        for content in ewf_chunks.verify(file, segment, acquisition.geometry, verification, tally):
            if digests is not None:
                digests.update(content)
        ewf_chunks.report(segment, acquisition.geometry, verification, tally)
    except OutOfTimeError as problem:
        tally.whole = False
        verification.put("chunks.sound", tally.read)
        verification.not_read(f"Not all chunks were verified: after {tally.listed} of them {problem}.")
    _digests(segment, digests, tally, acquisition, verification)


def _is_alone(segment: Segment) -> bool:
    return segment.number == 1 and segment.ending != "next"


def _describe(segment: Segment, acquisition: Acquisition, verification: Verification) -> None:
    verification.put("image.format", segment.format)
    verification.put("image.segment", segment.number)
    for name, value in acquisition.digests.items():
        verification.put(f"stored.{name}", value)
    geometry = acquisition.geometry
    if geometry is None:
        verification.damaged("No section describes the medium: its size and that of a chunk are not known.")
    else:
        verification.put("media.size", geometry.media_size)
        verification.put("media.sector_size", geometry.sector_size)
        verification.put("media.sectors", geometry.sectors)
        verification.put("chunks.stated", geometry.chunks)
        verification.put("chunks.size", geometry.chunk_size)
        if geometry.chunk_size and -(-geometry.media_size // geometry.chunk_size) != geometry.chunks:
            verification.table.remark(
                "The stated number of chunks is not that of the stated size of the medium."
            )
    if segment.format == LOGICAL:
        verification.table.remark(
            "A logical image: its list of files is not read here, their bytes are verified."
        )


def _digests(
    segment: Segment,
    digests: StreamDigests | None,
    tally: Tally,
    acquisition: Acquisition,
    verification: Verification,
) -> None:
    """Compare the digests of the contained stream, or say in words why that cannot be."""
    if segment.number == 1 and segment.ending == "next":
        verification.not_read(
            "This is the first file of a set. The others (E02 and on) are not part of this exhibit: their chunks and"
            " the digests of the whole were not verified."
        )
    elif segment.number != 1:
        others = "" if segment.ending == "done" else " and on"
        verification.not_read(
            f"This is file {segment.number} of a set{others}. The others are not part of this exhibit: their chunks"
            " and the digests of the whole were not verified."
        )
        if segment.find("header", "header2", "volume", "disk"):
            verification.damaged(
                f"It says that it is file {segment.number} of a set, yet it begins as a first file does."
            )
    elif digests is None or not tally.whole or acquisition.geometry is None:
        verification.not_read(
            "The digests of the contained stream were not computed: not all of it can be read."
        )
    else:
        digests.report(verification, "contained.", "the contained stream")
        media = acquisition.geometry.media_size
        if tally.octets != media and segment.format != LOGICAL:
            verification.damaged(
                f"The chunks hold {tally.octets} bytes, the medium is stated to have {media}."
            )
        if not acquisition.digests:
            verification.table.remark(
                "The image states no digest of its content; every chunk has a checksum."
            )
