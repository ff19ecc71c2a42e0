"""Unpack one zlib stream strictly: all of it, nothing behind it, no more than allowed.

Loaded only inside the sandbox. It speaks of the content: some packed bits can change without changing what they
unpack to (the distance of a match within zeros, for one), and no reader of the image could tell.
"""

import zlib


class DeflateError(ValueError):
    """The stream is damaged, cut off, too long, or bytes follow it."""


def unpack(data: bytes, most: int) -> bytes:
    """The content of a zlib stream that fills data, at most `most` bytes. Raises DeflateError."""
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(data, most + 1)
    except zlib.error as problem:
        raise DeflateError("its packed bytes cannot be read or do not match their checksum") from problem
    if len(content) > most:
        raise DeflateError(f"it unpacks to more than {most} bytes")
    if not reader.eof:
        # With exactly `most` bytes out, the checksum may still wait to be read.
        content += _rest(reader)
    if reader.unused_data:
        raise DeflateError("bytes follow its packed content")
    return content


def _rest(reader: "zlib._Decompress") -> bytes:
    try:
        rest = reader.decompress(reader.unconsumed_tail, 1)
    except zlib.error as problem:
        raise DeflateError("its packed bytes cannot be read or do not match their checksum") from problem
    if rest or not reader.eof:
        raise DeflateError("its packed bytes end too early")
    return rest
