"""Build AFF4 volumes, so that a test can put a lie into any part of them."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

VOLUME = "aff4://11111111-1111-1111-1111-111111111111"
STREAM = "aff4://22222222-2222-2222-2222-222222222222"
MAP = "aff4://33333333-3333-3333-3333-333333333333"
SCHEMA = "http://aff4.org/Schema#"
PREFIXES = f"""@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix aff4: <{SCHEMA}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CHUNK = 4096
PER_BEVY = 8


def member(urn: str, name: str = "") -> str:
    return urn.replace("://", "%3A%2F%2F") + name


def volume(parts: dict[str, bytes], turtle: str, *, pack: int = zipfile.ZIP_STORED) -> bytes:
    """A volume of these parts and this description."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", pack) as archive:
        archive.comment = VOLUME.encode()
        archive.writestr("container.description", VOLUME, zipfile.ZIP_STORED)
        archive.writestr("version.txt", "major=1\nminor=0\ntool=test\n", zipfile.ZIP_STORED)
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.writestr("information.turtle", PREFIXES + turtle)
    return file.getvalue()


def stream(
    content: bytes,
    method: str = "https://www.ietf.org/rfc/rfc1950.txt",
    pack: Callable[[bytes], bytes] = zlib.compress,
) -> tuple[dict[str, bytes], str]:
    """The parts of an image stream over content, and its description."""
    parts: dict[str, bytes] = {}
    chunks = [content[place : place + CHUNK] for place in range(0, len(content), CHUNK)]
    for bevy in range(0, len(chunks), PER_BEVY):
        data, index, hashes = b"", b"", b""
        for chunk in chunks[bevy : bevy + PER_BEVY]:
            packed = pack(chunk)
            packed = packed if len(packed) < CHUNK else chunk
            index += struct.pack("<QI", len(data), len(packed))
            hashes += hashlib.sha1(chunk).digest()
            data += packed
        name = member(STREAM, f"/{bevy // PER_BEVY:08d}")
        parts |= {name: data, f"{name}.index": index, f"{name}.blockHash.sha1": hashes}
    turtle = f"""<{STREAM}> a aff4:ImageStream ;
        aff4:chunkSize {CHUNK} ; aff4:chunksInSegment {PER_BEVY} ; aff4:size "{len(content)}"^^xsd:long ;
        aff4:compressionMethod <{method}> ; aff4:stored <{VOLUME}> ;
        aff4:hash "{hashlib.sha1(content).hexdigest()}"^^aff4:SHA1 .
"""
    return parts, turtle


def mapped(
    entries: list[tuple[int, int, int, int]], targets: list[str], size: int
) -> tuple[dict[str, bytes], str]:
    """The parts of a map, and its description."""
    parts = {
        member(MAP, "/map"): b"".join(struct.pack("<QQQI", *entry) for entry in entries),
        member(MAP, "/idx"): "".join(f"{target}\n" for target in targets).encode(),
    }
    return parts, f"<{MAP}> a aff4:Map, aff4:Image ; aff4:size {size} ; aff4:dependentStream <{STREAM}> .\n"
