"""Tiles: their names, which there are for a size, and the tiles of another program's log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import merkle
from custody.proof.checkpoint import parse_checkpoint, parse_note
from custody.proof.digests import leaf_hash
from custody.proof.errors import MalformedError
from custody.proof.tiles import (
    Tile,
    parse_path,
    read_entries,
    read_hashes,
    tiles_between,
    write_entries,
)
from tests import corpus


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(None, 273, 112), "tile/entries/273.p/112"),
        (Tile(None, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(2, 0, 1), "tile/2/000.p/1"),
    ],
)
def test_tiles_are_named_as_the_specification_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/07",
        "tile/entries/../000",
        "tile/data/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/\u0660\u0660\u0660",
    ],
)
def test_a_tile_has_one_name(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_path(path)


def test_a_log_of_seventy_thousand_entries_has_the_tiles_of_the_specification() -> None:
    found = list(tiles_between(0, 70_000))
    counts = {level: [t.width for t in found if t.level == level] for level in (None, 0, 1, 2, 3)}
    assert counts[0] == counts[None] == [256] * 273 + [112]
    assert counts[1] == [256, 17]
    assert counts[2] == [1]
    assert counts[3] == []


@given(st.integers(0, 200_000), st.integers(0, 70_000))
def test_what_a_log_gains_is_what_it_has_beyond_its_full_tiles(old: int, more: int) -> None:
    new = old + more
    gained = set(tiles_between(old, new))
    assert gained == set(tiles_between(0, new)) - set(tiles_between(0, old))
    assert all(tile.entries <= new for tile in gained)


@given(st.lists(st.one_of(st.none(), st.binary(min_size=1, max_size=300)), max_size=20))
def test_entries_are_read_back(entries: list[bytes | None]) -> None:
    assert read_entries(write_entries(entries), len(entries)) == entries


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\2a", b"\0\1ab", b"\0\1a\0"])
def test_a_tile_of_entries_ends_where_it_should(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_entries(data, 1)


def test_a_tile_of_hashes_has_its_width() -> None:
    assert read_hashes(bytes(64), 2) == [bytes(32)] * 2
    with pytest.raises(MalformedError):
        read_hashes(bytes(63), 2)


def test_tiles_of_another_programs_log_are_read_and_lead_to_its_heads() -> None:
    """Tessera's test log: partial tiles of leaves and entries for the sizes 1 to 15."""
    folder = corpus.path("vectors/tlog-tiles")
    files = corpus.files("vectors/tlog-tiles/tile/**/*")
    for file in files:
        assert parse_path(file.relative_to(folder).as_posix())
    for size in range(1, 16):
        head = parse_checkpoint(parse_note((folder / f"checkpoint.{size}").read_text()).text)
        leaves = read_hashes((folder / Tile(0, 0, size).path).read_bytes(), size)
        assert merkle.root(leaves) == head.root
        entries = read_entries((folder / Tile(None, 0, size).path).read_bytes(), size)
        assert [leaf_hash(entry or b"") for entry in entries] == leaves
