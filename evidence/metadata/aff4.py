"""Verify an AFF4 volume: every part's checksum, block hashes, maps, and the digests of images and files in it.

Loaded only inside the sandbox. Read are AFF4 1.0 disk images and 1.1 logical images of one volume; encrypted
streams, the format before the standard and parts in other volumes are reported as not read.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from evidence.metadata.aff4_map import Map, MapError, NotHereError
from evidence.metadata.aff4_stream import BLOCK_HASHES, ChunkError, ImageStream, UnreadableStreamError
from evidence.metadata.aff4_stream import verify as verify_chunks
from evidence.metadata.aff4_volume import SCHEMA, Volume, is_volume, open_volume
from evidence.metadata.turtle import TYPE, Term, TurtleError
from evidence.metadata.verification import DIGESTS, StreamDigests, Verification
from evidence.metadata.zip_list import DamagedZipError, open_zip

HEAD = 64 * 1024
BEGINNING = re.compile(rb"PK\x03\x04.{26}container\.description.{0,64}aff4://", re.DOTALL)
# Files of a logical image that are listed one by one; all are verified.
MAX_LISTED = 300
MAX_MAP_PART = 64 * 1024 * 1024
NOTES = {
    "caseNumber": "case_number",
    "caseName": "case_name",
    "caseDescription": "description",
    "evidenceNumber": "evidence_number",
    "examiner": "examiner",
    "notes": "notes",
    "startTime": "start_time",
    "endTime": "end_time",
}
DEVICE = {
    "diskMake": "media.make",
    "diskModel": "media.model",
    "diskSerial": "media.serial_number",
    "diskFirmware": "media.firmware",
    "diskInterfaceType": "media.interface",
    "diskDeviceName": "media.device_name",
    "diskDeviceType": "media.type",
    "blockSize": "media.sector_size",
    "sectorCount": "media.sectors",
    "acquisitionCompletionState": "acquisition.completion",
}
MAX_NOTES = 20


def verify(file: BinaryIO, verification: Verification) -> bool:
    """Fill the verification; False where the file is not an AFF4 volume."""
    problem: DamagedZipError | None = None
    archive = None
    try:
        archive = open_zip(file)
    except DamagedZipError as error:
        problem = error
    if archive is None or not is_volume(archive):
        # A zip whose directory is broken shows what it was by the part that every AFF4 volume begins with.
        file.seek(0)
        if BEGINNING.search(file.read(HEAD)) is None:
            return False
        reason = problem or "it does not list what the file holds"
        verification.damaged(f"The directory of the zip around the image is damaged: {reason}.")
        return True
    try:
        _Check(open_volume(file, archive, verification), verification).all()
    except (DamagedZipError, TurtleError) as problem:
        verification.damaged(f"The description of the image cannot be read: {problem}.")
    return True


class _Check:
    """One pass over all streams of a volume."""

    def __init__(self, volume: Volume, verification: Verification) -> None:
        self._volume = volume
        self._verification = verification
        self._streams: dict[str, ImageStream | None] = {}
        # Streams with a damaged chunk: no digest over them says anything more.
        self._broken: set[str] = set()
        self._members = 0

    def all(self) -> None:
        kinds = {urn: self._kinds(urn) for urn in self._volume.graph}
        self._describe(kinds)
        streams = [urn for urn, kind in kinds.items() if "ImageStream" in kind]
        for place, urn in enumerate(streams, 1):
            self._image_stream(urn, f"stream.{place}." if len(streams) > 1 else "")
        images = [urn for urn, kind in kinds.items() if "Map" in kind]
        for place, urn in enumerate(images, 1):
            self._map(urn, f"image.{place}." if len(images) > 1 else "")
        for urn, kind in kinds.items():
            if kind & {"zip_segment", "ZipSegmentImage", "ZipSegment"}:
                self._member(urn)
        if self._members:
            self._verification.put("files", self._members)
        if any("Encrypted" in one for kind in kinds.values() for one in kind):
            self._verification.not_read(
                "The volume holds encrypted streams; without the key they are not read."
            )
        if not streams and not images and not self._members:
            self._verification.not_read("The description names no stream of a kind that is read here.")

    def _kinds(self, urn: str) -> set[str]:
        return {
            term.text.removeprefix(SCHEMA)
            for term in self._volume.graph[urn].get(TYPE, [])
            if term.text.startswith(SCHEMA)
        }

    def _describe(self, kinds: dict[str, set[str]]) -> None:
        for urn, kind in kinds.items():
            if (
                kind & {"CaseNotes", "CaseDetails", "TimeStamps"}
                and len(self._verification.table.values) < 200
            ):
                for predicate, name in NOTES.items():
                    for term in self._volume.values(urn, predicate)[:MAX_NOTES]:
                        if term.text not in self._seen(f"acquisition.{name}"):
                            self._verification.put(f"acquisition.{name}", term.text)
            if "DiskImage" in kind or "ContiguousImage" in kind:
                self._verification.put("media.size", max(self._volume.number(urn, "size"), 0))
                for predicate, name in DEVICE.items():
                    self._verification.put(name, self._volume.text(urn, predicate))

    def _seen(self, name: str) -> set[str]:
        values = self._verification.table.values
        return {str(value) for key, value in values.items() if key == name or key.startswith(f"{name} (")}

    def _stream(self, urn: str) -> ImageStream | None:
        if urn not in self._streams:
            try:
                self._streams[urn] = ImageStream(self._volume, urn) if self._is_here(urn) else None
            except UnreadableStreamError as problem:
                self._streams[urn] = None
                self._verification.not_read(f"The stream {urn} was not read: {problem}.")
        return self._streams[urn]

    def _is_here(self, urn: str) -> bool:
        if urn not in self._volume.graph or "ImageStream" not in self._kinds(urn):
            return False
        stored = {term.text for term in self._volume.values(urn, "stored")}
        return not stored or self._volume.name in stored

    def _image_stream(self, urn: str, prefix: str) -> None:
        stream = self._stream(urn)
        if stream is None:
            self._verification.not_read(f"The stream {urn} is not in this volume or of a kind not read here.")
            return
        digests = StreamDigests(self._stated(urn))
        name = self._volume.text(urn, "originalFileName")
        self._verification.put(f"{prefix}name", name)
        what = (
            f" of the file {name}" if name else f" of {prefix.strip('.').replace('.', ' ')}" if prefix else ""
        )
        count = 0
        for content in verify_chunks(stream, self._verification, prefix, what):
            digests.update(content)
            count += 1
        if count < stream.chunks:
            self._broken.add(urn)
            self._verification.not_read(
                "The digests of the stream were not computed: not all of it can be read."
            )
        else:
            for name, value in self._stated(urn).items():
                self._verification.put(f"{prefix}stream.stored.{name}", value)
            digests.report(self._verification, f"{prefix}stream.", f"the stored chunks{what}")
        self._block_hashes_hash(stream)

    def _stated(self, urn: str) -> dict[str, str]:
        """The digests that the description states of the bytes of this stream."""
        found = {}
        for term in self._volume.values(urn, "hash"):
            algorithm = term.kind.removeprefix(SCHEMA).lower()
            if algorithm in DIGESTS:
                found[algorithm] = term.text.lower()
            elif "blockmaphash" not in algorithm:
                self._verification.not_read(
                    f"A stated digest of the kind {term.kind or 'none'} was not compared."
                )
        return found

    def _block_hashes_hash(self, stream: ImageStream) -> None:
        """The description states a digest over all block hashes of one kind."""
        for algorithm in BLOCK_HASHES:
            stated = self._volume.values(f"{stream.urn}/blockhash.{algorithm}", "hash")
            if not stated or not stream.has_block_hashes(algorithm):
                continue
            parts = (
                stream.block_hashes(bevy, algorithm) for bevy in range(-(-stream.chunks // stream.per_bevy))
            )
            try:
                self._compare(f"the {algorithm.upper()} block hashes", stated[0].kind, stated[0].text, parts)
            except (DamagedZipError, KeyError):
                self._verification.damaged(f"The {algorithm.upper()} block hashes cannot be read.")

    def _compare(self, what: str, kind: str, stated: str, parts: Iterator[bytes]) -> bool:
        algorithm = kind.removeprefix(SCHEMA).lower()
        if algorithm not in DIGESTS:
            self._verification.not_read(f"A stated digest of the kind {kind or 'none'} was not compared.")
            return True
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for part in parts:
            self._verification.clock.check()
            digest.update(part)
        self._verification.compare(what, algorithm, stated.lower(), digest.hexdigest())
        return digest.hexdigest() == stated.lower()

    def _map(self, urn: str, prefix: str) -> None:
        try:
            intact = self._map_parts(urn)
            found = Map(self._volume, urn, self._stream)
            found.survey(self._verification, prefix)
            if not intact or self._broken:
                raise NotHereError("not all that it needs is sound")
            stated = self._stated(urn)
            digests = StreamDigests(stated)
            for piece in found.pieces(self._verification):
                digests.update(piece)
        except NotHereError as problem:
            self._verification.not_read(f"The digests of the contained stream were not computed: {problem}.")
        except (MapError, ChunkError, DamagedZipError) as problem:
            self._verification.damaged(f"The map of the contained stream: {problem}.")
        except KeyError:
            self._verification.damaged("A part of the map of the contained stream is missing.")
        else:
            for name, value in stated.items():
                self._verification.put(f"{prefix}stored.{name}", value)
            digests.report(self._verification, f"{prefix}contained.", "the contained stream")

    def _map_parts(self, urn: str) -> bool:
        """The digests over the parts of the map, and the one over all of them and the block hashes."""
        parts = {"mapPointHash": ("map",), "mapIdxHash": ("idx",), "mapPathHash": ("mapPath",)}
        intact = True
        for predicate, names in {**parts, "mapHash": ("map", "idx", "mapPath")}.items():
            for term in self._volume.values(urn, predicate):
                data = (self._volume.small(f"{urn}/{name}", MAX_MAP_PART) for name in names)
                intact &= self._compare(f"the map ({predicate})", term.kind, term.text, data)
        for term in self._volume.values(urn, "blockMapHash"):
            data = (bytes.fromhex(one.text) for one in self._block_map(urn, tuple(parts)))
            intact &= self._compare("the block hashes and the map", term.kind, term.text, data)
        return intact

    def _block_map(self, urn: str, parts: tuple[str, ...]) -> Iterator[Term]:
        """In the order of the standard: digests of the block hashes by algorithm, then those of the map."""
        for term in self._volume.values(urn, "dependentStream"):
            for algorithm in BLOCK_HASHES:
                yield from self._volume.values(f"{term.text}/blockhash.{algorithm}", "hash")
        for predicate in parts:
            yield from self._volume.values(urn, predicate)

    def _member(self, urn: str) -> None:
        """A file of a logical image that lies in the zip as a part of its own."""
        self._members += 1
        name = self._volume.text(urn, "originalFileName") or urn
        digests = StreamDigests(self._stated(urn))
        length = 0
        try:
            for piece in self._volume.pieces(urn):
                self._verification.clock.check()
                digests.update(piece)
                length += len(piece)
        except KeyError:
            self._verification.damaged(f"The file {name} is described and not in the volume.")
            return
        except DamagedZipError:
            # Told with the parts of the zip already.
            self._verification.not_read(f"The digests of the file {name} were not computed.")
            return
        stated = self._volume.number(urn, "size")
        if stated not in (-1, length):
            self._verification.damaged(f"The file {name} has {length} bytes instead of {stated}.")
        if self._members <= MAX_LISTED:
            self._verification.put(f"file.{self._members:03}.name", name)
            self._verification.put(f"file.{self._members:03}.size", length)
            digests.report(self._verification, f"file.{self._members:03}.", f"the file {name}")
        else:
            digests.compare(self._verification, f"the file {name}")
