"""Attacks on disk images: a changed bit, a cut, a swap. Each is marked and told by place; what is sound stays so."""

import hashlib
import struct

import pytest

from evidence.metadata.outcome import Outcome
from tests import corpus
from tests.evidence.metadata import aff4_files, ewf_files, flipped
from tests.evidence.metadata.answers import ask
from tests.evidence.metadata.test_disk_image import CONTENT, expected

PLACES = 100


def sections(data: bytes) -> list[tuple[str, int, int]]:
    """Name, beginning and end of each section, read without our own reader."""
    found, place = [], 13
    while True:
        name, following = struct.unpack_from("<16sQ", data, place)
        end = max(following, place + 76)
        found.append((name.rstrip(b"\0").decode(), place, end))
        if following <= place:
            return found
        place = following


def chunks(data: bytes) -> list[tuple[int, int]]:
    """Beginning and end of each chunk by the first table."""
    table = next(place + 76 for name, place, _ in sections(data) if name == "table")
    behind = next(end for name, _, end in sections(data) if name == "sectors")
    count, base = struct.unpack_from("<I4xQ", data, table)
    starts = [base + (one & 0x7FFFFFFF) for one in struct.unpack_from(f"<{count}I", data, table + 24)]
    return list(zip(starts, [*starts[1:], behind], strict=True))


def words_for(data: bytes, place: int) -> str:
    """What an answer must contain that names this place."""
    if place < 13:
        return "first 13 bytes"
    for number, (start, end) in enumerate(chunks(data)):
        if start <= place < end:
            return f"Chunk {number} "
    name, start, _ = next(one for one in sections(data) if one[1] <= place < one[2])
    return f"section descriptor at byte {start}" if place < start + 76 else name


@pytest.mark.parametrize("name", ["image_tsk.E01", "image.E01", "ext2.E01"])
def test_one_changed_bit_anywhere_in_an_e01_is_marked_where_it_lies(name: str) -> None:
    """Or it changes nothing that can be read: deflate has several spellings for one content, and none is wrong."""
    data = corpus.path(f"forensic/{name}").read_bytes()
    wanted = expected()[f"forensic/{name}"]["sha256_media"]
    marked = 0
    for place, answer in flipped.answers(data, PLACES, seed=4):
        if answer["outcome"] == Outcome.DAMAGED:
            assert words_for(data, place) in answer["message"], (place, answer["message"])
            marked += 1
        else:
            assert answer["values"]["contained.computed.sha256"] == wanted, place
            assert answer["values"]["verification"] == "verified", place
    # Plain chunks have one spelling.
    assert marked == PLACES if name == "image_tsk.E01" else marked > PLACES * 0.7


def test_one_changed_bit_in_the_data_of_an_aff4_image_is_marked_with_its_chunk() -> None:
    data = corpus.path("forensic/Base-Linear.aff4").read_bytes()
    # The one bevy lies at byte 259 behind its header; its index says where the chunks lie.
    first = data.index(b"/00000000", 259) + 9
    first += struct.unpack_from("<H", data, 259 + 28)[0]
    index = data.index(b"/00000000.index", first + 3_000_000) + 15
    index += struct.unpack_from("<H", data, data.rindex(b"PK\x03\x04", 0, index) + 28)[0]
    named = 0
    places = [struct.unpack_from("<QI", data, index + 12 * n) for n in range(121)]
    for place, answer in flipped.answers(data, PLACES, seed=4):
        assert answer["outcome"] == Outcome.DAMAGED, place
        number = next(
            (n for n, (at, size) in enumerate(places) if first + at <= place < first + at + size), None
        )
        if number is not None and answer["values"]["chunks.sound"] < 121:
            assert f"Chunk {number} " in answer["message"], (place, number, answer["message"])
            assert answer["values"]["chunks.damaged.list"] == str(number)
            named += 1
        else:
            # Beside the chunks, or another spelling of the same content: the part's checksum tells.
            assert "The part " in answer["message"] or "header" in answer["message"], place
    assert named > PLACES * 0.8


def test_one_changed_bit_in_a_file_of_a_logical_image_is_marked_with_its_name() -> None:
    data = corpus.path("forensic/dream.aff4").read_bytes()
    start = data.index(b"dream.txt") + 9
    for place, answer in flipped.answers(data, PLACES, seed=4):
        if start <= place < start + 3519:
            assert answer["outcome"] == Outcome.DAMAGED, place
            assert "dream.txt" in answer["message"]


@pytest.mark.parametrize("name", ["image.E01", "ext2.E01", "image_tsk.E01", "Base-Linear.aff4", "dream.aff4"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_an_image_cut_off_anywhere_is_marked(name: str, share: float) -> None:
    data = corpus.path(f"forensic/{name}").read_bytes()
    answer = ask("disk_image", data[: int(len(data) * share)])
    if name == "dream.aff4" and share < 0.8:
        # Nothing of what makes it an AFF4 volume is left.
        assert answer["outcome"] == Outcome.NOT_APPLICABLE
        return
    assert answer["outcome"] == Outcome.DAMAGED, answer
    assert answer["values"]["verification"] == "damaged"
    values = answer["values"]
    if "contained.computed.sha256" in values:
        # The cut took no chunk.
        assert values["chunks.sound"] == values["chunks.stated"]
        assert values["contained.computed.sha256"] == expected()[f"forensic/{name}"]["sha256_media"]


def test_an_image_without_its_last_chunks_says_how_many_are_missing() -> None:
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(5, 320))
    file.add_chunks([(ewf_files.plain(CONTENT[: ewf_files.CHUNK]), False)] * 3)
    answer = ask("disk_image", file.end())
    assert answer["outcome"] == Outcome.DAMAGED
    assert "2 of 5 chunks are missing: the image lists chunks 0 to 2." in answer["message"]


def test_a_thousand_damaged_chunks_are_counted_and_listed_in_runs() -> None:
    good, bad = ewf_files.plain(bytes(ewf_files.CHUNK)), bytes(ewf_files.CHUNK) + b"sum!"
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(1010, 1010 * 64))
    file.add_chunks([(good, False)] * 10 + [(bad, False)] * 1000)
    answer = ask("disk_image", file.end())
    assert answer["values"]["chunks.sound"] == 10
    assert answer["values"]["chunks.damaged"] == 1000
    assert answer["values"]["chunks.damaged.first"] == 10
    assert answer["values"]["chunks.damaged.list"] == "10-1009"
    assert "1000 chunks are damaged; the first is chunk 10" in answer["message"]
    assert len(answer["message"]) < 2000


def test_a_damaged_table_is_replaced_by_its_copy_and_marked() -> None:
    data = bytearray(ewf_files.image(CONTENT))
    place = data.index(b"table\0") + 76 + 24
    data[place : place + 4] = b"\xff" * 4
    answer = ask("disk_image", bytes(data))
    assert answer["outcome"] == Outcome.DAMAGED
    assert "The table at byte" in answer["message"]
    assert answer["values"]["contained.computed.sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_two_chunks_that_changed_places_are_found_by_the_digest_though_each_is_sound() -> None:
    one, two = (ewf_files.plain(CONTENT[n * ewf_files.CHUNK :][: ewf_files.CHUNK]) for n in (0, 1))
    file = ewf_files.File()
    file.add(b"volume", ewf_files.volume(2, 128))
    file.add_chunks([(two, False), (one, False)])
    file.add(b"digest", ewf_files.digest(CONTENT[: 2 * ewf_files.CHUNK]))
    answer = ask("disk_image", file.end())
    assert answer["values"]["chunks.sound"] == 2
    assert answer["outcome"] == Outcome.DAMAGED
    assert "The MD5 of the contained stream is not the stored one." in answer["message"]


def test_a_changed_map_of_an_aff4_image_is_marked() -> None:
    data = bytearray(corpus.path("forensic/Base-Linear.aff4").read_bytes())
    place = data.index(b"/map", 3_000_000) + 1000
    data[place] ^= 1
    answer = ask("disk_image", bytes(data))
    assert answer["outcome"] == Outcome.DAMAGED
    assert "/map" in answer["message"]


def test_a_file_that_is_described_and_gone_is_missed() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:8192])
    turtle += f'<{aff4_files.VOLUME}/gone.txt> a aff4:zip_segment ; aff4:originalFileName "gone.txt" .\n'
    answer = ask("disk_image", aff4_files.volume(parts, turtle))
    assert answer["outcome"] == Outcome.DAMAGED
    assert "The file gone.txt is described and not in the volume." in answer["message"]


def test_a_bevy_that_is_gone_is_missed_chunk_by_chunk() -> None:
    parts, turtle = aff4_files.stream(CONTENT[:100_000])
    del parts[aff4_files.member(aff4_files.STREAM, "/00000001")]
    answer = ask("disk_image", aff4_files.volume(parts, turtle))
    assert answer["outcome"] == Outcome.DAMAGED
    assert answer["values"]["chunks.damaged.list"] == "8-15"
    assert "its part of the file is missing" in answer["message"]
